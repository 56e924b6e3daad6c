import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { Refusal, serve, show, type Asked } from "../../test/stage";
import { bodyOf, speaker, written } from "../../test/streams";
import { Archive } from "./archive";

const collections = (chunk_count: number) => ({ items: [{ name: "uploads", origin: "upload", document_count: 1, chunk_count }] });
const server = (answers: Record<string, (asked: Asked) => unknown>, passages = 40) => serve({ "GET /knowledge/collections": () => collections(passages), ...answers });
const COUNTS = { documents: 3, added: 1, updated: 0, unchanged: 1, skipped: 1, passages: 12, to_embed: 12 };

async function send(role = "member") {
  const user = show(<Archive />, { at: "/knowledge", role });
  const file = new File(["PK"], "knowledge-7.zip", { type: "application/zip" });
  fireEvent.change(screen.getByLabelText(/^File/), { target: { files: [file] } });
  await user.selectOptions(screen.getByLabelText(/^Documents that are there/), "overwrite");
  await user.click(screen.getByRole("button", { name: "Import" }));
  return user;
}

it("saves the archive under the name that the server gives", async () => {
  const saved = vi.fn();
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
    saved(this.download);
  });
  server({ "GET /knowledge/export": () => new Response(bodyOf("PK".repeat(600), 100), { headers: { "content-disposition": 'attachment; filename="knowledge-7.zip"' } }) });
  const user = show(<Archive />, { at: "/knowledge", role: "viewer" });
  expect(screen.queryByRole("form")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Download the archive" }));
  expect(await screen.findByText("1.2 KiB are saved.")).toBeTruthy();
  expect(saved).toHaveBeenCalledWith("knowledge-7.zip");
});

it("saves nothing of an archive that broke off", async () => {
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new TypeError("network error")) });
  server({ "GET /knowledge/export": () => new Response(broken) });
  const user = show(<Archive />, { at: "/knowledge" });
  await user.click(screen.getByRole("button", { name: "Download the archive" }));
  expect((await screen.findByRole("alert")).textContent).toContain("The download broke off, and nothing was saved");
});

it("warns of what is too much for a browser, and names the command", async () => {
  server({}, 25_000);
  show(<Archive />, { at: "/knowledge" });
  expect(await screen.findByText(/There are 25000 passages/)).toBeTruthy();
  expect(screen.getByText("commandcenter knowledge export knowledge.zip")).toBeTruthy();
});

it("takes an archive in, shows how far it is, and counts at the end", async () => {
  const live = speaker();
  const asked = server({ "POST /knowledge/import": () => live.response });
  await send();
  act(() => live.say(written(["progress", { done: 1, total: 3 }])));
  expect((await screen.findByRole("progressbar", { name: "Taking documents in" })).getAttribute("aria-valuenow")).toBe("33");
  act(() => live.say(written(["progress", { done: 3, total: 3 }], ["end", COUNTS])));
  expect(await screen.findByText("3 documents: 1 added, 1 there already, the same, 1 left as they were. 12 passages came in.")).toBeTruthy();
  expect(screen.getByText(/made anew by/)).toBeTruthy();
  const body = asked.find(({ method }) => method === "POST")?.body as FormData;
  expect(body.get("strategy")).toBe("overwrite");
  expect((body.get("file") as File).name).toBe("knowledge-7.zip");
});

it("says why an archive is none", async () => {
  server({ "POST /knowledge/import": () => new Refusal(422, { title: "Archive invalid", detail: "the archive has no manifest" }) });
  await send();
  expect(await screen.findByText("the archive has no manifest")).toBeTruthy();
});

it.each([
  ["is said to", written(["progress", { done: 1, total: 3 }], ["error", { problem: "internal", detail: "the import broke off" }])],
  ["just ends", written(["progress", { done: 1, total: 3 }])],
])("tells how to go on when it %s", async (_, text) => {
  server({ "POST /knowledge/import": () => new Response(bodyOf(text, 9)) });
  await send();
  expect(await screen.findByText(/send the same archive again to go on/)).toBeTruthy();
});

it("stops when asked to, and says what became of it", async () => {
  const live = speaker();
  server({ "POST /knowledge/import": () => live.response });
  const user = await send();
  act(() => live.say(written(["progress", { done: 1, total: 3 }])));
  await user.click(await screen.findByRole("button", { name: "Stop" }));
  expect(await screen.findByText(/^Stopped\. What was taken in stays/)).toBeTruthy();
  await waitFor(() => expect(live.isCancelled()).toBe(true));
});

it("wants a file", async () => {
  server({});
  const user = show(<Archive />, { at: "/knowledge" });
  await user.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByText("choose an archive")).toBeTruthy();
});
