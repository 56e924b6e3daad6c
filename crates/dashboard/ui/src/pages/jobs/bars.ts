/** The depth of queues as bars that can be compared. */

import type { QueueView } from "../../api/jobs-schema";

export const KINDS = ["running", "ready", "delayed"] as const;
export type Kind = (typeof KINDS)[number];
export type Depth = Pick<QueueView, Kind>;

export interface Segment {
  kind: Kind;
  value: number;
  x: number;
  width: number;
}

/** Units of a whole bar. */
export const WIDTH = 100;
/** A single job beside thousands is still seen. */
const LEAST = 1.5;

export function total(depth: Depth): number {
  return KINDS.reduce((sum, kind) => sum + depth[kind], 0);
}

/** The numbers in words. */
export function depthOf(depth: Depth): string {
  return KINDS.map((kind) => `${depth[kind]} ${kind}`).join(", ");
}

/** What a whole bar stands for: the deepest queue. */
export function scaleOf(queues: readonly Depth[]): number {
  return Math.max(1, ...queues.map(total));
}

/** The parts of a queue's bar, side by side and never longer than it. */
export function segments(depth: Depth, scale: number): Segment[] {
  const shown = KINDS.filter((kind) => depth[kind] > 0);
  const wanted = shown.map((kind) => Math.max(LEAST, (depth[kind] / scale) * WIDTH));
  const sum = wanted.reduce((all, width) => all + width, 0);
  const spare = sum - shown.length * LEAST;
  // What the least widths took from the others is given back by them in proportion.
  const factor = sum > WIDTH && spare > 0 ? (WIDTH - shown.length * LEAST) / spare : 1;
  let x = 0;
  return shown.map((kind, index) => {
    const width = LEAST + ((wanted[index] ?? LEAST) - LEAST) * factor;
    const segment = { kind, value: depth[kind], x, width };
    x += width;
    return segment;
  });
}
