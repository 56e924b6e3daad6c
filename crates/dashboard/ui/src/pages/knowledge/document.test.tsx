import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";

import { job } from "../../test/jobs";
import { document } from "../../test/knowledge";
import { sockets, TICKET, type Sockets } from "../../test/sockets";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { DocumentPage } from "./document";

let live: Sockets;

beforeEach(() => {
  live = sockets();
});

const CHUNK = { id: 1, ordinal: 0, content: "The heron nests.", heading_path: ["Birds", "Herons"], span: { start: 4, end: 9 }, token_count: 5, embedded: true };
const VERSION = { version: 2, content_hash: "0123456789abcdef", size: 2048, content_type: "text/markdown", origin: "upload", created_at: "2026-11-21T11:00:00Z", indexed_at: "2026-11-21T11:00:05Z", chunk_count: 3, warnings: ["an encoding was guessed"] };

function server(fields: Parameters<typeof document>[1] & { content?: string | null } = {}, more: Record<string, (asked: Asked) => unknown> = {}) {
  const { content = "The 🦩heron nests beside the tower.", ...row } = fields;
  return serve({
    "GET /knowledge/documents/12": () => ({ ...document(12, row), content }),
    "GET /knowledge/documents/12/chunks": () => pageOf([CHUNK]),
    "GET /knowledge/documents/12/versions": () => pageOf([VERSION]),
    "GET /knowledge/categories": () => ({ items: [] }),
    "GET /technologies": () => pageOf([{ id: 5, title: "Sensors" }]),
    ...TICKET,
    ...more,
  });
}

const open = (at = "/knowledge/documents/12", role?: string) => show(<DocumentPage />, { at, path: "/knowledge/documents/:id", role });

it("marks the passage that the address points to, and goes there", async () => {
  server();
  open("/knowledge/documents/12?start=4&end=10");
  const passage = await screen.findByText("🦩heron", { selector: "mark" });
  await waitFor(() => expect(globalThis.document.activeElement).toBe(passage));
  expect(screen.getByRole("group", { name: "Text of the document" }).textContent).toBe("The 🦩heron nests beside the tower.");
});

it("shows a long text in parts, from where the passage is", async () => {
  const content = `${"a".repeat(30_000)}HERON${"b".repeat(30_000)}`;
  server({ content });
  const user = open("/knowledge/documents/12?start=30000&end=30005");
  expect(await screen.findByText("HERON", { selector: "mark" })).toBeTruthy();
  const text = screen.getByRole("group", { name: "Text of the document" });
  expect(text.textContent).toHaveLength(20_000);
  await user.click(screen.getByRole("button", { name: "Show what is before" }));
  await user.click(screen.getByRole("button", { name: "Show what is before" }));
  await user.click(screen.getByRole("button", { name: "Show what is after" }));
  expect(text.textContent).toBe(content);
  expect(screen.queryByRole("button", { name: /^Show what is/ })).toBeNull();
});

it("says that a passage went with an earlier version", async () => {
  server();
  open("/knowledge/documents/12?start=900&end=950");
  expect(await screen.findByText(/no longer in this text/)).toBeTruthy();
});

it("tells what was lost, the versions, and the passages with their places", async () => {
  server({ warnings: ["2 pictures left out"], error: "the new version is encrypted", version: 2 });
  open();
  expect(await screen.findByText("2 pictures left out")).toBeTruthy();
  expect(screen.getByText(/the new version is encrypted/)).toBeTruthy();
  expect(await screen.findByText("an encoding was guessed")).toBeTruthy();
  expect(screen.getByText("012345678" + "9ab")).toBeTruthy();
  expect(await screen.findByText("1. Birds › Herons")).toBeTruthy();
  expect(screen.getByText("Show in the text").getAttribute("href")).toBe("/knowledge/documents/12?start=4&end=9");
});

it("files it anew", async () => {
  const asked = server({}, { "PATCH /knowledge/documents/12": () => document(12, { title: "Herons" }) });
  const user = open();
  const title = await screen.findByLabelText(/^Title/);
  await user.clear(title);
  await user.type(title, "Herons");
  await user.clear(screen.getByLabelText("Tags"));
  await user.selectOptions(screen.getByLabelText("Technology"), "5");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByText("Herons is saved.")).toBeTruthy();
  expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({ title: "Herons", category: "notes", tags: [], technology_id: 5 });
});

it("shows the server's problem beside its input", async () => {
  server({}, { "PATCH /knowledge/documents/12": () => new Refusal(422, { detail: "a field is wrong", errors: [{ field: "category", code: "too_short", message: "must not be empty" }] }) });
  const user = open();
  await user.clear(await screen.findByLabelText(/^Category/));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByText("must not be empty")).toBeTruthy();
});

it("follows the job that reads it", async () => {
  const asked = server({ status: "indexing", content: null, chunk_count: 0 }, { "GET /jobs": () => pageOf([job(9, { job_type: "knowledge_ingest", status: "running", parameters: { document_id: 12 } })]) });
  open();
  expect(await screen.findByText("No text yet")).toBeTruthy();
  await waitFor(() => expect(live.opened).toHaveLength(1));
  live.say({ type: "progress", job_id: 9, status: "running", progress: 70, current_step: "embedding", is_terminal: false });
  expect(screen.getByRole("progressbar", { name: "Reading Field notes" }).getAttribute("aria-valuenow")).toBe("70");
  const before = asked.filter(({ path }) => path === "/knowledge/documents/12").length;
  live.say({ type: "completed", job_id: 9, status: "completed", result: {}, error: null });
  await waitFor(() => expect(asked.filter(({ path }) => path === "/knowledge/documents/12").length).toBeGreaterThan(before));
});

it("deletes after asking, and goes back to the list", async () => {
  server({ origin: "source" }, { "DELETE /knowledge/documents/12": () => null });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Delete document" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("until the next run of its source brings it back");
  await user.click(within(dialog).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.getByLabelText("Address").textContent).toBe("/knowledge"));
});

it("only shows a viewer what there is", async () => {
  server();
  open(undefined, "viewer");
  expect(await screen.findByText(/heron nests beside/)).toBeTruthy();
  expect(screen.queryByRole("form")).toBeNull();
  expect(screen.queryByRole("button", { name: /Delete/ })).toBeNull();
});

it("knows no document that is not there", async () => {
  serve({});
  open();
  expect(await screen.findByText("There is no page at this address.")).toBeTruthy();
});
