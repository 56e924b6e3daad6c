import { expect, it } from "vitest";

import { bodyOf } from "../test/streams";
import { Blocks, eventsOf, type ServerEvent } from "./sse";

const TEXT = ": still here\n\nevent: statement\ndata: {\"text\": \"The 🦩 nests — here.\"}\n\ndata: a\ndata: b\nid: 7\n\nevent: end\r\ndata: {}\r\n\r\nevent: half\ndata: nev";
const WHOLE = [
  { name: "statement", data: '{"text": "The 🦩 nests — here."}' },
  { name: "message", data: "a\nb" },
  { name: "end", data: "{}" },
];

async function all(events: AsyncGenerator<ServerEvent>): Promise<ServerEvent[]> {
  const list: ServerEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

it.each([1, 2, 3, 5, 7, 64, 10_000])("reads events from pieces of %i bytes, and never half of one", async (size) => {
  expect(await all(eventsOf(bodyOf(TEXT, size)))).toEqual(WHOLE);
});

it("knows an event without data from one with", () => {
  const blocks = new Blocks();
  expect(blocks.push("event: nothing\n\ndata\n\n")).toEqual([{ name: "message", data: "" }]);
});

it("stops when it is told to, and lets the connection go", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  const stop = new AbortController();
  const events = eventsOf(body, stop.signal);
  expect((await events.next()).value).toEqual({ name: "message", data: "1" });
  const after = events.next();
  stop.abort();
  expect((await after).done).toBe(true);
  expect(cancelled).toBe(true);
});
