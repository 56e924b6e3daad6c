import { expect, it } from "vitest";

import { count, dateValue, duration, labels, lines, marked, relative, words } from "./text";

it("marks by code points, not by UTF-16 units", () => {
  expect(marked("🚀 go fast", [{ start: 2, end: 4 }])).toEqual([
    { text: "🚀 ", mark: false },
    { text: "go", mark: true },
    { text: " fast", mark: false },
  ]);
});

it("copes with marks that overlap, lie beyond the end or are empty", () => {
  const spans = [
    { start: 3, end: 3 },
    { start: 1, end: 4 },
    { start: 0, end: 2 },
    { start: 90, end: 99 },
  ];
  expect(marked("abcdef", spans).map((piece) => piece.text).join("")).toBe("abcdef");
});

it("says how long ago", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(relative("2026-11-21T11:00:00Z", now)).toBe("1 hour ago");
  expect(relative("2026-11-21T11:59:50Z", now)).toBe("just now");
});

it("writes names as people do", () => {
  expect(words("very_complex")).toBe("Very complex");
});

it("keeps the time of a day that nobody changed", () => {
  expect(dateValue("2026-11-21", "2026-11-21T17:30:00Z")).toBe("2026-11-21T17:30:00Z");
  expect(dateValue("2026-11-22", "2026-11-21T17:30:00Z")).toBe("2026-11-22T00:00:00Z");
  expect(dateValue("", "2026-11-21T17:30:00Z")).toBeNull();
});

it("says lengths of time in two units", () => {
  expect([0.25, 1.234, 59.94, 59.99, 61, 3_725, 90_000].map(duration)).toEqual(["250 ms", "1.2 s", "59.9 s", "1 min 0 s", "1 min 1 s", "1 h 2 min", "1 d 1 h"]);
  expect([count(1, "job"), count(0, "job")]).toEqual(["1 job", "0 jobs"]);
});

it("takes labels and lines apart", () => {
  expect(labels(" birds,, towers ,birds")).toEqual(["birds", "towers"]);
  expect(lines("heron\n\n  crane \r\n")).toEqual(["heron", "crane"]);
});
