import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { document } from "../../test/knowledge";
import { pageOf, Refusal, serve, show } from "../../test/stage";
import { Knowledge } from "./page";

function server(documents: (query: URLSearchParams) => unknown = () => pageOf([document(12, { warnings: ["2 pictures left out"] })])) {
  return serve({
    "GET /knowledge/categories": () => ({ items: [{ category: "notes", document_count: 1 }] }),
    "GET /knowledge/documents": ({ query }) => documents(query),
    "DELETE /knowledge/documents/12": () => null,
  });
}

const address = () => screen.getByLabelText("Address").textContent;

it("lists documents, each with a page of its own", async () => {
  server();
  show(<Knowledge />, { at: "/knowledge" });
  expect((await screen.findByRole("link", { name: "Field notes" })).getAttribute("href")).toBe("/knowledge/documents/12");
  expect(screen.getByText("1 warning")).toBeTruthy();
});

it("filters by what the address says, and keeps what is chosen in it", async () => {
  const asked = server(() => pageOf([]));
  const user = show(<Knowledge />, { at: "/knowledge?status=failed&page=2" });
  expect(await screen.findByText("No document matches")).toBeTruthy();
  await user.selectOptions(screen.getByLabelText("Origin"), "source");
  await waitFor(() => expect(asked.at(-1)?.query.get("origin")).toBe("source"));
  expect(Object.fromEntries(asked.at(-1)?.query ?? [])).toEqual({ page: "1", limit: "20", sort: "-updated_at", status: "failed", origin: "source" });
  expect(address()).toBe("/knowledge?status=failed&origin=source");
});

it("leads from a question to its answer", async () => {
  server();
  const user = show(<Knowledge />, { at: "/knowledge", path: "/knowledge" });
  await user.type(screen.getByLabelText(/^Question or words/), "where do herons nest?");
  await user.selectOptions(screen.getByLabelText("Mode"), "keyword");
  await user.click(within(screen.getByRole("form", { name: "Search the knowledge base" })).getByRole("button", { name: "Search" }));
  await waitFor(() => expect(address()).toBe("/knowledge/search?q=where+do+herons+nest%3F&mode=keyword"));
});

it("deletes after asking", async () => {
  const asked = server();
  const user = show(<Knowledge />, { at: "/knowledge" });
  await user.click(await screen.findByRole("button", { name: "Delete Field notes" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
  expect(await screen.findByText("Field notes is deleted.")).toBeTruthy();
  expect(asked.some(({ method }) => method === "DELETE")).toBe(true);
});

it("says where documents come from while there is none", async () => {
  server(() => pageOf([]));
  show(<Knowledge />, { at: "/knowledge" });
  expect(await screen.findByText("No document yet")).toBeTruthy();
  expect(screen.getByRole("link", { name: "source" }).getAttribute("href")).toBe("/sources");
});

it("offers a viewer nothing that the server would refuse", async () => {
  server();
  show(<Knowledge />, { at: "/knowledge", role: "viewer" });
  await screen.findByRole("link", { name: "Field notes" });
  expect(screen.queryByRole("form", { name: "Upload a document" })).toBeNull();
  expect(screen.queryByRole("button", { name: /Delete/ })).toBeNull();
});

it("says what failed and tries again", async () => {
  let away = true;
  server(() => (away ? new Refusal(503, { title: "Unavailable", detail: "the database is away" }) : pageOf([document(12)])));
  const user = show(<Knowledge />, { at: "/knowledge" });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("the database is away");
  away = false;
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Field notes" })).toBeTruthy();
});
