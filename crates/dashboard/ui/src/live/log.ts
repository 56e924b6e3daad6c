/** A job's log, read part by part: forward from its start, and back again over lines that were let go. */

import type { LogLineView, Part } from "../api/jobs-schema";

export interface Log {
  /** The lines that are held, oldest first. */
  lines: readonly LogLineView[];
  /** Ids of earlier lines that were let go, oldest first. */
  gone: readonly number[];
  /** Whether the server has lines after these, as far as it said. */
  more: boolean;
}

export const EMPTY_LOG: Log = { lines: [], gone: [], more: true };
/** Lines of a part (the most the API gives), and lines that are held at once. */
export const PART = 100;
export const HELD = 2_000;

/** Where the next newer part begins. */
export function newerCursor(log: Log): number | null {
  return log.lines.at(-1)?.id ?? log.gone.at(-1) ?? null;
}

/** Where the part before the held lines begins. */
export function olderCursor(log: Log): number | null {
  return log.gone.at(-PART - 1) ?? null;
}

/** The log with a newer part. The oldest lines make room. */
export function withNewer(log: Log, part: Part<LogLineView>, held = HELD): Log {
  const last = newerCursor(log) ?? -Infinity;
  const lines = [...log.lines, ...part.items.filter((line) => line.id > last)];
  const over = Math.max(0, lines.length - held);
  return { lines: lines.slice(over), gone: [...log.gone, ...lines.slice(0, over).map((line) => line.id)], more: part.next_cursor != null && part.items.length > 0 };
}

/** The log with the part before it. The newest lines make room and can be read again. */
export function withOlder(log: Log, part: Part<LogLineView>, held = HELD): Log {
  const first = log.lines[0]?.id ?? Infinity;
  const older = part.items.filter((line) => line.id < first);
  const lines = [...older, ...log.lines];
  const from = older[0]?.id ?? first;
  return { lines: lines.slice(0, held), gone: older.length > 0 ? log.gone.filter((id) => id < from) : [], more: log.more || lines.length > held };
}
