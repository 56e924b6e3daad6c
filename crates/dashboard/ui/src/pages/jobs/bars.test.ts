import { expect, it } from "vitest";

import { scaleOf, segments, total, WIDTH } from "./bars";

const depth = (running: number, ready: number, delayed: number) => ({ running, ready, delayed });

it("scales to the deepest queue, and to something when all are empty", () => {
  expect(scaleOf([depth(1, 2, 3), depth(0, 10, 0)])).toBe(10);
  expect(scaleOf([depth(0, 0, 0)])).toBe(1);
  expect(scaleOf([])).toBe(1);
});

it("lays the parts side by side", () => {
  expect(segments(depth(2, 5, 3), 10)).toEqual([
    { kind: "running", value: 2, x: 0, width: 20 },
    { kind: "ready", value: 5, x: 20, width: 50 },
    { kind: "delayed", value: 3, x: 70, width: 30 },
  ]);
  expect(segments(depth(0, 0, 0), 10)).toEqual([]);
});

it("shows a single job beside thousands without growing beyond the bar", () => {
  const parts = segments(depth(1, 9_998, 1), 10_000);
  expect(parts.every(({ width }) => width >= 1.5)).toBe(true);
  expect(parts.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(WIDTH);
  expect(total(depth(1, 9_998, 1))).toBe(10_000);
});

it("compares queues on the same scale", () => {
  const [small] = segments(depth(0, 5, 0), 50);
  expect(small?.width).toBeCloseTo(10);
});
