/** How a source stands, in a word. */

import type { SourceView } from "../../api/sources-schema";
import { isRead } from "./kinds";

const WORDS: Record<string, string> = { pending: "Not read yet", running: "Running", success: "Read", error: "Failed", disabled: "Paused" };

/** The value that gives the colour, and what is said. A door for pushes is never read: it is open or paused. */
export function standingOf({ type, status, enabled }: Pick<SourceView, "type" | "status" | "enabled">): { value: string; label: string } {
  if (!enabled) return { value: "paused", label: "Paused" };
  if (!isRead(type)) return { value: "success", label: "Open" };
  return { value: status, label: WORDS[status] ?? status };
}
