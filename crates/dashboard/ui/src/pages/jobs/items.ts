/** What a job counts, in words. */

import type { ItemCounts } from "../../api/schema";

/** Null for a job that does not count. */
export function itemsOf({ items_done: done, items_failed: failed, items_total: total }: ItemCounts): string | null {
  if (!done && !failed && total == null) return null;
  const parts = [total == null ? `${done ?? 0} items done` : `${done ?? 0} of ${total} items done`];
  if (failed) parts.push(`${failed} failed`);
  return parts.join(", ");
}
