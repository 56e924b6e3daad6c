import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { job } from "../../test/jobs";
import { sockets, TICKET } from "../../test/sockets";
import { run, source } from "../../test/sources";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { SourcePage } from "./detail";
import { RunPage } from "./run";

const ITEM = { item: "https://docs.example.com/a", state: "failed", reason: "the server answered 500", depth: 1, document_id: 12, first_seen_at: "2026-11-01T00:00:00Z", last_seen_at: "2026-11-21T04:00:00Z" };

beforeEach(() => {
  sockets();
});

afterEach(() => void vi.useRealTimers());

function server(one: unknown = source(3), more: Record<string, (asked: Asked) => unknown> = {}) {
  return serve({
    "GET /ingestion/sources/3": () => one,
    "GET /ingestion/sources/3/runs": () => pageOf([run(2, { failed: 3 }), run(1, { status: "failed", error: "the site did not answer", finished_at: null })]),
    "GET /ingestion/sources/3/items": ({ query }) => pageOf(query.get("state") === "gone" ? [] : [ITEM]),
    "GET /jobs": () => pageOf([]),
    ...TICKET,
    ...more,
  });
}

const open = (role = "member", at = "/sources/3") => show(<SourcePage />, { at, path: "/sources/:id", role });

it("tells how a source stands, what it was told, its runs and its items", async () => {
  server(source(3, { schedule: "0 4 * * *", schedule_id: 2, next_run_at: "2099-01-01T00:00:00Z", last_error: "the site did not answer" }));
  open();
  expect(await screen.findByRole("heading", { level: 1, name: "The handbook" })).toBeTruthy();
  expect(screen.getByText("the site did not answer", { selector: ".notice" })).toBeTruthy();
  const settings = within(screen.getByRole("region", { name: "Settings" }));
  expect(settings.getByText("Most pages")).toBeTruthy();
  expect(settings.getByText("docs, team")).toBeTruthy();
  const rows = within(await screen.findByRole("group", { name: "Runs" })).getAllByRole("row");
  const cells = within(rows[1] as HTMLElement).getAllByRole("cell");
  expect(cells.map((cell) => cell.textContent)).toEqual(["Completed", "2", "1", "27", "4", "3", "5", "1 min 30 s"]);
  expect(within(rows[1] as HTMLElement).getByRole("link", { name: "#2" }).getAttribute("href")).toBe("/sources/3/runs/2");
  const items = within(await screen.findByRole("group", { name: "Items" }));
  expect(items.getByText("the server answered 500")).toBeTruthy();
  expect(items.getByRole("link", { name: "#12" }).getAttribute("href")).toBe("/knowledge/documents/12");
  // A schedule goes with its source, and is a maintainer's.
  expect(screen.queryByRole("button", { name: "Delete source" })).toBeNull();
});

it("filters its items by the address", async () => {
  const asked = server();
  const user = open("member", "/sources/3?state=failed");
  await screen.findByRole("group", { name: "Items" });
  expect(asked.find(({ path }) => path.endsWith("/items"))?.query.get("state")).toBe("failed");
  await user.selectOptions(screen.getByLabelText("Item state"), "gone");
  expect(await screen.findByText("No item matches")).toBeTruthy();
});

it("shows how to push, and never the secret", async () => {
  server(source(3, { name: "CI", type: "webhook", url: null, has_secret: true, config: { category: null, tags: [] }, status: "pending" }));
  open();
  const push = within(await screen.findByRole("region", { name: "How to push" }));
  expect(push.getByText("POST http://localhost:3000/api/v1/ingest/generic?source_id=3")).toBeTruthy();
  expect(push.getAllByText("X-Signature-256").length).toBeGreaterThan(0);
  expect(push.getByText(/Stored sealed, and never shown again/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Run/ })).toBeNull();
  expect(screen.queryByText("Runs")).toBeNull();
});

it("looks from time to time at what a run brings while it moves, and never while it is idle", async () => {
  const live = sockets();
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const asked = server(undefined, { "GET /jobs": () => pageOf([job(9, { job_type: "source_sync", status: "running", parameters: { source_id: 3 } })]) });
  const looks = () => asked.filter(({ path }) => path === "/ingestion/sources/3/runs").length;
  open();
  await screen.findByRole("group", { name: "Runs" });
  await waitFor(() => expect(live.opened).toHaveLength(1));
  await act(() => vi.advanceTimersByTimeAsync(600_000));
  expect(looks()).toBe(1);
  live.say({ type: "progress", job_id: 9, status: "running", progress: 40, current_step: "page 12", is_terminal: false });
  live.say({ type: "progress", job_id: 9, status: "running", progress: 41, current_step: "page 13", is_terminal: false });
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  await waitFor(() => expect(looks()).toBe(2));
  expect(screen.getByRole("link", { name: "Job 9" }).getAttribute("href")).toBe("/jobs/9");
});

it("pauses and resumes", async () => {
  let enabled = true;
  const asked = server(undefined, {
    "GET /ingestion/sources/3": () => source(3, { enabled }),
    "PUT /ingestion/sources/3": ({ body }) => {
      enabled = (body as { enabled: boolean }).enabled;
      return source(3, { enabled });
    },
  });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Pause The handbook" }));
  expect(await screen.findByRole("button", { name: "Resume The handbook" })).toBeTruthy();
  expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ enabled: false });
  expect(screen.queryByRole("button", { name: "Run now: The handbook" })).toBeNull();
});

it("deletes after asking, and says what goes with it", async () => {
  const asked = server(undefined, { "DELETE /ingestion/sources/3": () => null });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Delete source" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("31 documents of it leave the knowledge base.");
  await user.click(within(dialog).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.getByLabelText("Address").textContent).toBe("/sources"));
  expect(asked.some(({ method }) => method === "DELETE")).toBe(true);
});

it("only shows a viewer what there is", async () => {
  server();
  open("viewer");
  await screen.findByRole("group", { name: "Items" });
  expect(screen.queryByRole("link", { name: "Change" })).toBeNull();
  expect(screen.queryByRole("button", { name: /Run|Pause|Delete/ })).toBeNull();
});

it("knows no source that is not there", async () => {
  serve({});
  open();
  expect(await screen.findByText("There is no page at this address.")).toBeTruthy();
});

it("says what failed beside what did not", async () => {
  server(undefined, { "GET /ingestion/sources/3/runs": () => new Refusal(503, { title: "Unavailable", detail: "the database is away" }) });
  open();
  expect((await screen.findByRole("alert")).textContent).toContain("the database is away");
  expect(screen.getByRole("heading", { level: 1, name: "The handbook" })).toBeTruthy();
});

it("tells what a run came to, and why single items failed", async () => {
  const errors = { ...pageOf([{ item: "https://docs.example.com/b", reason: "not text", at: "2026-11-21T04:00:10Z" }], 41), page_size: 20 };
  const asked = server(undefined, { "GET /ingestion/sources/3/runs/2": () => ({ ...run(2, { failed: 41, notes: ["stopped at 500 pages"] }), errors }) });
  const user = show(<RunPage />, { at: "/sources/3/runs/2", path: "/sources/:id/runs/:run" });
  expect(await screen.findByText("stopped at 500 pages")).toBeTruthy();
  expect(screen.getByText("not text")).toBeTruthy();
  expect(screen.getByRole("link", { name: "#92" }).getAttribute("href")).toBe("/jobs/92");
  expect((await screen.findByRole("link", { name: "The handbook" })).getAttribute("href")).toBe("/sources/3");
  await user.click(screen.getByRole("button", { name: "Next" }));
  await waitFor(() => expect(asked.filter(({ path }) => path.endsWith("/runs/2")).at(-1)?.query.get("page")).toBe("2"));
});
