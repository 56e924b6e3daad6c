/** Jobs and queues, by the names the pages use: the types generated from the API's document. */

import type { components } from "./generated";

type Schemas = components["schemas"];

export const JOB_STATUSES = ["pending", "running", "retrying", "completed", "failed", "cancelled", "dead"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const QUEUES = ["default", "sync", "ingest", "ai", "export", "webhooks"] as const;
/** Those that every version knows; a list may show more. */
export const JOB_TYPES = ["repository_sync", "knowledge_ingest", "batch_import", "import_rows", "source_sync", "knowledge_reembed"] as const;
export const WINDOWS = ["1h", "24h", "7d", "30d"] as const;

export type Free = Record<string, unknown>;

/** A job. Objects of any form are said to be empty by the generator. */
export type JobView = Omit<Schemas["JobView"], "parameters" | "result" | "tags"> & {
  parameters: Free;
  result?: Free | null;
  tags: Free;
};

/** A part of an append-only list, oldest first. */
export type Part<T> = Omit<Schemas["SliceView_LogLineView"], "items"> & { items: T[] };

export type AttemptView = Schemas["AttemptView"];
export type LogLineView = Schemas["LogLineView"];
export type CountView = Schemas["CountView"];
export type QueueView = Schemas["QueueView"];
export type QuantilesView = Schemas["Percentiles"];
export type JobStatisticsView = Schemas["JobStatisticsView"];

/** Which jobs; all given conditions hold. */
export interface SelectJobs {
  status?: readonly string[];
  job_type?: string;
  queue?: string;
  ids?: number[];
}
