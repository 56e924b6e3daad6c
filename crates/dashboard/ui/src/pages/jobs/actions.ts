/** What may be done to a job as it stands, and to all jobs of a filter. */

import type { JobView, SelectJobs } from "../../api/jobs-schema";
import { words } from "../../lib/text";
import type { JobFilters } from "./filters";

export type Action = "cancel" | "retry" | "delete";

const LIVE = ["pending", "running", "retrying"];
const RETRYABLE = ["failed", "dead", "cancelled"];
const DISCARDABLE = ["dead", "failed", "cancelled", "completed"];

/** What the job's status allows. One that was asked to stop is not asked again, a running one is not deleted, and an archived one is only read. */
export function actionsOf(job: Pick<JobView, "status" | "cancel_requested" | "archived_at">): Action[] {
  if (job.archived_at) return [];
  const allowed: Action[] = [];
  if (LIVE.includes(job.status) && !job.cancel_requested) allowed.push("cancel");
  if (RETRYABLE.includes(job.status)) allowed.push("retry");
  if (job.status !== "running") allowed.push("delete");
  return allowed;
}

export type BulkKind = "retry" | "cancel" | "discard";

export interface Bulk {
  kind: BulkKind;
  /** What the button says. */
  label: string;
  statuses: readonly string[];
}

interface Rule {
  kind: BulkKind;
  verb: string;
  label: string;
  /** Without a filter by status. */
  usual: readonly string[];
  allowed: readonly string[];
}

const RULES: readonly Rule[] = [
  { kind: "retry", verb: "Retry", label: "Retry all failed", usual: ["failed", "dead"], allowed: RETRYABLE },
  { kind: "cancel", verb: "Cancel", label: "Cancel waiting", usual: ["pending", "retrying"], allowed: LIVE },
  { kind: "discard", verb: "Discard", label: "Discard dead", usual: ["dead"], allowed: DISCARDABLE },
];

/** What can be done to all jobs that the filters let through. */
export function bulkOf({ status }: JobFilters): Bulk[] {
  if (status === "") return RULES.map(({ kind, label, usual }) => ({ kind, label, statuses: usual }));
  return RULES.filter(({ allowed }) => allowed.includes(status)).map(({ kind, verb }) => ({ kind, label: `${verb} all ${words(status).toLowerCase()}`, statuses: [status] }));
}

/** The body that names the jobs of a filter in these states. */
export function selection({ type, queue }: JobFilters, statuses: readonly string[]): SelectJobs {
  return { status: statuses, ...(type && { job_type: type }), ...(queue && { queue }) };
}
