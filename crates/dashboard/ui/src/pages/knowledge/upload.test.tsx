import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";

import { document } from "../../test/knowledge";
import { sockets, TICKET, type Sockets } from "../../test/sockets";
import { Refusal, serve, show, type Asked } from "../../test/stage";
import { Upload } from "./upload";

let live: Sockets;

beforeEach(() => {
  live = sockets();
});

const file = (name: string) => new File(["# Notes"], name, { type: "text/markdown" });
const nameOf = (asked: Asked) => (asked.body instanceof FormData && asked.body.get("file") instanceof File ? (asked.body.get("file") as File).name : "");
const posts = (asked: Asked[]) => asked.filter(({ path }) => path === "/knowledge/documents");

function server() {
  return serve({
    "POST /knowledge/documents": (asked) => {
      if (nameOf(asked) === "empty.md") return new Refusal(422, { title: "Unprocessable", detail: "the document is empty" });
      if ((asked.body as FormData).get("category") === null) return new Refusal(422, { detail: "a field is wrong", errors: [{ field: "category", code: "required", message: "is required" }] });
      const number = nameOf(asked) === "a.md" ? 1 : 2;
      return { document_id: number, job_id: 50 + number, document: document(number, { filename: nameOf(asked) }) };
    },
    ...TICKET,
  });
}

it("sends each file by itself and shows what becomes of it", async () => {
  const asked = server();
  const user = show(<Upload categories={["notes"]} />, { at: "/knowledge" });
  await user.upload(screen.getByLabelText(/^Files/), [file("a.md"), file("empty.md"), file("b.md")]);
  await user.type(screen.getByLabelText(/^Category/), "notes");
  await user.type(screen.getByLabelText("Tags"), "birds");
  await user.click(screen.getByRole("button", { name: "Upload" }));
  const list = within(await screen.findByRole("list", { name: "Uploads" }));
  expect(await list.findByText("Refused: the document is empty")).toBeTruthy();
  await waitFor(() => expect(posts(asked).map(nameOf)).toEqual(["a.md", "empty.md", "b.md"]));
  expect((posts(asked)[0]?.body as FormData).get("tags")).toBe("birds");
  expect((await list.findByRole("link", { name: "b.md" })).getAttribute("href")).toBe("/knowledge/documents/2");
  await waitFor(() => expect(live.opened).toHaveLength(2));
  live.say({ type: "progress", job_id: 51, status: "running", progress: 30, current_step: "embedding", is_terminal: false });
  expect(list.getByRole("progressbar", { name: "Reading a.md" }).getAttribute("aria-valuenow")).toBe("30");
  live.say({ type: "completed", job_id: 51, status: "completed", result: {}, error: null });
  live.say({ type: "completed", job_id: 52, status: "failed", result: null, error: "the file is encrypted" });
  expect(await list.findByText("Searchable")).toBeTruthy();
  expect(list.getByText("Not read: the file is encrypted")).toBeTruthy();
  expect(screen.getByText("1 searchable, 1 refused, 1 not read")).toBeTruthy();
});

it("stops at what is wrong with all files, beside its input", async () => {
  const asked = server();
  const user = show(<Upload categories={[]} />, { at: "/knowledge" });
  await user.upload(screen.getByLabelText(/^Files/), [file("a.md"), file("b.md")]);
  await user.click(screen.getByRole("button", { name: "Upload" }));
  await waitFor(() => expect(screen.getByLabelText(/^Category/).getAttribute("aria-invalid")).toBe("true"));
  expect(posts(asked)).toHaveLength(1);
  expect(screen.queryByRole("list", { name: "Uploads" })).toBeNull();
  // The files are still chosen, so that only the category is missing.
  expect(screen.getByLabelText<HTMLInputElement>(/^Files/).files).toHaveLength(2);
});

it("asks for a file, and for one only under a title", async () => {
  const asked = server();
  const user = show(<Upload categories={[]} />, { at: "/knowledge" });
  await user.click(screen.getByRole("button", { name: "Upload" }));
  expect(await screen.findByText("choose a file")).toBeTruthy();
  await user.upload(screen.getByLabelText(/^Files/), [file("a.md"), file("b.md")]);
  await user.type(screen.getByLabelText("Title"), "Notes");
  await user.click(screen.getByRole("button", { name: "Upload" }));
  expect(await screen.findByText("can be given to one file only")).toBeTruthy();
  expect(posts(asked)).toHaveLength(0);
});
