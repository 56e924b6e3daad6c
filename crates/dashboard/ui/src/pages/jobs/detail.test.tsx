import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { JobFrame } from "../../api/schema";
import { job } from "../../test/jobs";
import { pageOf, serve, show } from "../../test/stage";
import { JobPage } from "./detail";

let sockets: { onmessage?: (event: { data: string }) => void; close: () => void }[];
let row = job(5);
let lines: { id: number; at: string; level: string; message: string }[];

const line = (id: number, message: string, level = "info") => ({ id, at: "2026-11-21T11:00:00Z", level, message });
const say = (frame: JobFrame) => act(() => sockets[0]?.onmessage?.({ data: JSON.stringify(frame) }));

afterEach(() => void vi.useRealTimers());

beforeEach(() => {
  sockets = [];
  lines = [line(3, "reading")];
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor() {
        sockets.push(this as never);
      }
      close() {}
    },
  );
});

function server() {
  return serve({
    "GET /jobs/5": () => row,
    "GET /jobs/5/attempts": () => ({ items: [{ number: 1, worker: "w-1", started_at: "2026-11-21T11:00:00Z", outcome: "lease_lost", error: "the worker fell silent", error_class: "lease_lost", duration_seconds: 18 }], next_cursor: null }),
    "GET /jobs/5/logs": ({ query }) => ({ items: lines.filter(({ id }) => id > Number(query.get("cursor") ?? 0)), next_cursor: null }),
    "GET /jobs/5/children": () => pageOf(row.status === "completed" ? [job(6, { parent_id: 5, job_type: "knowledge_ingest" })] : []),
    "POST /jobs/5/retry": () => ({ ...row, status: "pending" }),
    "DELETE /jobs/5": () => null,
    "POST /auth/ws-ticket": () => ({ ticket: "t", expires_in: 30 }),
  });
}

const open = (role?: string) => show(<JobPage />, { at: "/jobs/5", path: "/jobs/:id", role });

it("tells what a job was asked, what came of it, its attempts, its log and its children", async () => {
  row = job(5, { items_done: 30, items_failed: 1, items_total: 31, parent_id: 2 });
  server();
  open();
  expect(await screen.findByRole("heading", { name: "Repository sync #5" })).toBeTruthy();
  expect(screen.getByText("30 of 31 items done, 1 failed")).toBeTruthy();
  expect(within(screen.getByRole("region", { name: "Parameters" })).getByText("repository_id")).toBeTruthy();
  expect(within(screen.getByRole("region", { name: "Result" })).getByText("31")).toBeTruthy();
  expect(await screen.findByText("the worker fell silent")).toBeTruthy();
  expect(await screen.findByText("reading")).toBeTruthy();
  expect((await screen.findByRole("link", { name: /Knowledge ingest #6/ })).getAttribute("href")).toBe("/jobs/6");
  expect(screen.getByRole("link", { name: "job 2" }).getAttribute("href")).toBe("/jobs/2");
  expect(sockets).toHaveLength(0);
});

it("says of an archived job that it is one, and asks for nothing that the archive does not keep", async () => {
  row = job(5, { status: "failed", archived_at: "2026-11-21T11:00:00Z" });
  const asked = server();
  open();
  expect(await screen.findByText(/without its attempts and its log/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Retry|Delete/ })).toBeNull();
  expect(screen.queryByText("reading")).toBeNull();
  expect(asked.some(({ path }) => /attempts|logs/.test(path))).toBe(false);
});

it("says why a job failed and tries it again", async () => {
  row = job(5, { status: "dead", error: "took too long", error_class: "timeout", result: null });
  const asked = server();
  const user = open();
  expect(await screen.findByText("took too long")).toBeTruthy();
  expect(screen.getByText("The attempt took longer than it may.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Retry job 5" }));
  await waitFor(() => expect(asked.some(({ path }) => path === "/jobs/5/retry")).toBe(true));
});

it("follows a job that runs, and its log with it", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  row = job(5, { status: "running", progress: 10, result: null });
  server();
  open();
  expect(await screen.findByText("reading")).toBeTruthy();
  await waitFor(() => expect(sockets).toHaveLength(1));
  lines.push(line(7, "indexing", "warn"));
  say({ type: "progress", job_id: 5, status: "running", progress: 60, current_step: "documents", is_terminal: false });
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("60");
  expect(screen.getByText(/60% · documents/)).toBeTruthy();
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(await screen.findByText("indexing")).toBeTruthy();
  lines.push(line(9, "written"));
  row = job(5);
  say({ type: "completed", job_id: 5, status: "completed", result: {}, error: null });
  expect(await screen.findByText("written")).toBeTruthy();
  expect((await screen.findAllByText("Completed")).length).toBeGreaterThan(0);
});

it("asks nothing while nothing happens", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  row = job(5, { status: "running", result: null });
  const asked = server();
  open();
  await waitFor(() => expect(sockets).toHaveLength(1));
  await screen.findByText("reading");
  const before = asked.length;
  await act(() => vi.advanceTimersByTimeAsync(600_000));
  expect(asked.length).toBe(before);
});

it("deletes after asking, and goes back to the list", async () => {
  row = job(5);
  const asked = server();
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Delete job 5" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.getByLabelText("Address").textContent).toBe("/jobs"));
  expect(asked.some(({ method }) => method === "DELETE")).toBe(true);
});

it("knows no job that is not there", async () => {
  serve({});
  open();
  expect(await screen.findByRole("heading", { level: 1 })).toBeTruthy();
  expect(screen.queryByText("Log")).toBeNull();
});
