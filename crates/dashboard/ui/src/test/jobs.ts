/** Jobs and queues as tests need them. */

import type { JobView, QueueView } from "../api/jobs-schema";

export function job(id: number, fields: Partial<JobView> = {}): JobView {
  return {
    id,
    job_type: "repository_sync",
    status: "completed",
    progress: 100,
    parameters: { repository_id: 3 },
    result: { documents: 31 },
    tags: {},
    priority: 5,
    attempt: 1,
    max_attempts: 5,
    cancel_requested: false,
    created_at: "2026-11-21T11:00:00Z",
    run_at: "2026-11-21T11:00:00Z",
    queue: "sync",
    items_done: 0,
    items_failed: 0,
    ...fields,
  };
}

export function queue(name: string, fields: Partial<QueueView> = {}): QueueView {
  return { name, paused: false, ready: 0, delayed: 0, running: 0, oldest_ready_seconds: null, finished_per_minute: 0, workers: 1, ...fields };
}
