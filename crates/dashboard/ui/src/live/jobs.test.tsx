import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import type { JobFrame } from "../api/schema";
import { applyFrame, START, useJobProgress } from "./jobs";

class FakeSocket {
  static opened: FakeSocket[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    FakeSocket.opened.push(this);
  }
  close() {
    this.closed = true;
  }
  say(frame: JobFrame) {
    act(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }
}

const job = (status: string, progress: number) => ({ id: 5, status, progress, current_step: null, error: null });
let tickets: number;
let row: unknown;

beforeEach(() => {
  FakeSocket.opened = [];
  tickets = 0;
  row = job("running", 40);
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => {
    if (url.endsWith("/auth/ws-ticket")) return Promise.resolve(new Response(JSON.stringify({ ticket: `t${++tickets}`, expires_in: 30 }), { status: 201 }));
    return Promise.resolve(row === null ? new Response("{}", { status: 404 }) : new Response(JSON.stringify(row)));
  });
});

async function socket(index = 0): Promise<FakeSocket> {
  await waitFor(() => expect(FakeSocket.opened.length).toBeGreaterThan(index), { timeout: 3_000 });
  return FakeSocket.opened[index] as FakeSocket;
}

it("opens the job's socket with a ticket", async () => {
  renderHook(() => useJobProgress(5));
  const { url } = await socket();
  expect(url).toBe("ws://localhost:3000/api/v1/jobs/ws/5?ticket=t1");
});

it("shows progress and tells its end once", async () => {
  const done = vi.fn();
  const { result } = renderHook(() => useJobProgress(5, done));
  const opened = await socket();
  opened.say({ type: "connected", job_id: 5, status: "running", progress: 10, current_step: "reading" });
  expect(result.current).toMatchObject({ progress: 10, step: "reading", done: false });
  opened.say({ type: "progress", job_id: 5, status: "running", progress: 60, current_step: "indexing", is_terminal: false });
  expect(result.current).toMatchObject({ progress: 60, step: "indexing" });
  opened.say({ type: "completed", job_id: 5, status: "completed", result: null, error: null });
  expect(result.current).toMatchObject({ progress: 100, done: true });
  act(() => opened.onclose?.());
  expect(done).toHaveBeenCalledTimes(1);
  expect(FakeSocket.opened).toHaveLength(1);
});

it("takes a dropped connection up again with a new ticket", async () => {
  const { result } = renderHook(() => useJobProgress(5));
  const first = await socket();
  act(() => first.onclose?.());
  const second = await socket(1);
  expect(second.url).toContain("ticket=t2");
  expect(result.current).toMatchObject({ progress: 40 });
});

it("notices that the job ended while the connection was down", async () => {
  const done = vi.fn();
  renderHook(() => useJobProgress(5, done));
  const first = await socket();
  row = { ...job("failed", 70), error: "GitHub answered 404" };
  act(() => first.onclose?.());
  await waitFor(() => expect(done).toHaveBeenCalledWith(expect.objectContaining({ status: "failed", error: "GitHub answered 404" })), { timeout: 3_000 });
  expect(FakeSocket.opened).toHaveLength(1);
});

it("stops with the component", async () => {
  const { unmount } = renderHook(() => useJobProgress(5));
  const opened = await socket();
  unmount();
  expect(opened.closed).toBe(true);
});

it("keeps what was counted last", () => {
  const counted = applyFrame(START, { type: "progress", job_id: 5, status: "running", progress: 10, current_step: null, is_terminal: false, items_done: 1, items_failed: 0, items_total: 10 });
  const silent = applyFrame(counted, { type: "progress", job_id: 5, status: "running", progress: 20, current_step: null, is_terminal: false });
  expect(silent).toMatchObject({ progress: 20, items: { items_done: 1, items_failed: 0, items_total: 10 } });
});

it("says of a job it may not see any more only what it knew", async () => {
  const { result } = renderHook(() => useJobProgress(5));
  const opened = await socket();
  opened.say({ type: "connected", job_id: 5, status: "running", progress: 10, current_step: null });
  row = null;
  act(() => opened.onclose?.());
  await waitFor(() => expect(result.current).toMatchObject({ status: "running", lost: true, done: true }), { timeout: 3_000 });
});

it("keeps the progress of a job that failed", () => {
  const state = { status: "running" as const, progress: 70, step: "x", error: null, done: false, items: null };
  expect(applyFrame(state, { type: "completed", job_id: 5, status: "failed", result: null, error: "no" })).toMatchObject({ progress: 70, error: "no", done: true });
});
