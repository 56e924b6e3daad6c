/** Files on their way into the knowledge base: what became of each so far. */

import type { Id } from "../../api/schema";

export type UploadState = "waiting" | "sending" | "reading" | "searchable" | "refused" | "failed" | "stopped";

export interface Upload {
  key: number;
  name: string;
  state: UploadState;
  /** The job that reads it. */
  job: Id | null;
  document: Id | null;
  /** Why it was not taken in or not read. */
  reason: string | null;
}

/** Files whose jobs are followed at once: each takes a connection, of which browsers have few. */
const FOLLOWED = 5;

/** The uploads whose reading is shown as it happens; the others have their turn when these are read. */
export function followed(uploads: readonly Upload[]): Set<number> {
  return new Set(uploads.filter(({ state }) => state === "reading").slice(0, FOLLOWED).map(({ key }) => key));
}

const WORDS: [UploadState, string][] = [
  ["searchable", "searchable"],
  ["reading", "being read"],
  ["sending", "being sent"],
  ["waiting", "waiting"],
  ["refused", "refused"],
  ["failed", "not read"],
  ["stopped", "not sent"],
];

/** How many stand where, in words. */
export function summary(uploads: readonly Upload[]): string {
  const parts = WORDS.map(([state, text]) => [uploads.filter((upload) => upload.state === state).length, text] as const);
  return parts
    .filter(([number]) => number > 0)
    .map(([number, text]) => `${number} ${text}`)
    .join(", ");
}

export function isOver({ state }: Upload): boolean {
  return !["waiting", "sending", "reading"].includes(state);
}
