import { expect, it } from "vitest";

import type { LogLineView } from "../api/jobs-schema";
import { EMPTY_LOG, newerCursor, olderCursor, PART, withNewer, withOlder, type Log } from "./log";
import { LogReader } from "./log-reader";

const line = (id: number): LogLineView => ({ id, at: "2026-11-21T12:00:00Z", level: "info", message: `line ${id}` });
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
const ids = (log: Log) => log.lines.map(({ id }) => id);

it("appends newer lines and never one twice", () => {
  const first = withNewer(EMPTY_LOG, { items: lines(1, 3), next_cursor: 3 });
  const second = withNewer(first, { items: lines(2, 5), next_cursor: null });
  expect(ids(second)).toEqual([1, 2, 3, 4, 5]);
  expect([first.more, second.more]).toEqual([true, false]);
  expect(newerCursor(second)).toBe(5);
});

it("takes an empty part for the end, whatever cursor it has", () => {
  expect(withNewer(EMPTY_LOG, { items: [], next_cursor: 7 }).more).toBe(false);
  expect(newerCursor(EMPTY_LOG)).toBeNull();
});

it("lets the oldest lines go and reads them again from the right place", () => {
  const held = 10;
  let log = withNewer(EMPTY_LOG, { items: lines(1, PART + 50), next_cursor: null }, held);
  expect(ids(log)).toEqual(ids({ ...EMPTY_LOG, lines: lines(PART + 41, PART + 50) }));
  expect(log.gone).toHaveLength(PART + 40);
  expect(olderCursor(log)).toBe(40);
  log = withOlder(log, { items: lines(41, PART + 40), next_cursor: PART + 40 }, PART);
  expect(log.lines[0]?.id).toBe(41);
  expect(log.gone).toHaveLength(40);
  // The newest made room for them.
  expect([log.lines.length, log.more]).toEqual([PART, true]);
  expect(olderCursor(log)).toBeNull();
});

/** A server with this many lines, which counts what it is asked. */
function served(total: () => number) {
  const asked: (number | null)[] = [];
  const read = (cursor: number | null, limit: number) => {
    asked.push(cursor);
    const items = lines(1, total()).filter(({ id }) => id > (cursor ?? 0)).slice(0, limit);
    return Promise.resolve({ items, next_cursor: (items.at(-1)?.id ?? total()) < total() ? (items.at(-1)?.id ?? null) : null });
  };
  const reader = new LogReader(read);
  reader.subscribe(() => undefined);
  return { reader, asked };
}

it("reads to the end, and from there only what is new", async () => {
  let total = 250;
  const { reader, asked } = served(() => total);
  await reader.drain();
  expect(reader.snapshot().log.lines).toHaveLength(250);
  total = 260;
  await reader.drain();
  expect(reader.snapshot().log.lines).toHaveLength(260);
  expect(asked).toEqual([null, 100, 200, 250]);
});

it("looks once more when it is asked while it reads", async () => {
  let total = 5;
  const { reader, asked } = served(() => total);
  const reading = reader.drain();
  total = 6;
  void reader.drain();
  await reading;
  expect(asked.length).toBeLessThanOrEqual(2);
  expect(reader.snapshot().log.lines.length).toBeGreaterThanOrEqual(5);
});

it("reads the first part once and the rest on demand", async () => {
  const { reader, asked } = served(() => 150);
  await reader.first();
  await reader.first();
  expect([reader.snapshot().log.lines.length, reader.snapshot().log.more]).toEqual([100, true]);
  await reader.newer();
  expect(asked).toEqual([null, 100]);
});

it("keeps what it has when reading fails, and says so", async () => {
  let broken = false;
  const reader = new LogReader(() => (broken ? Promise.reject(new Error("away")) : Promise.resolve({ items: lines(1, 2), next_cursor: null })));
  reader.subscribe(() => undefined);
  await reader.drain();
  broken = true;
  await reader.drain();
  expect(reader.snapshot()).toMatchObject({ busy: false, error: new Error("away") });
  expect(reader.snapshot().log.lines).toHaveLength(2);
  broken = false;
  await reader.newer();
  expect(reader.snapshot().error).toBeNull();
});

it("stops when nobody looks", async () => {
  const asked: unknown[] = [];
  const reader = new LogReader((cursor) => {
    asked.push(cursor);
    stop();
    return Promise.resolve({ items: [line(asked.length)], next_cursor: asked.length });
  });
  const stop = reader.subscribe(() => undefined);
  await reader.drain();
  expect(asked).toHaveLength(1);
});
