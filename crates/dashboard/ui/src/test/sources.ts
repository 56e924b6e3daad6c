/** Sources and their runs as tests need them. */

import type { SourceRunView, SourceView } from "../api/sources-schema";

export function source(id: number, fields: Partial<SourceView> = {}): SourceView {
  return {
    id,
    name: "The handbook",
    type: "documentation",
    url: "https://docs.example.com/",
    path: null,
    schedule: null,
    schedule_id: null,
    next_run_at: null,
    priority: 5,
    enabled: true,
    config: { max_depth: 3, max_pages: 500, use_sitemap: true, sitemap_url: null, path_prefix: null, delay_ms: null, category: "handbook", tags: ["docs", "team"] },
    has_secret: false,
    status: "success",
    last_run: "2026-11-21T04:00:00Z",
    last_success: "2026-11-21T04:00:00Z",
    last_error: null,
    documents_ingested: 31,
    error_count: 0,
    version: 3,
    created_at: "2026-11-01T00:00:00Z",
    updated_at: "2026-11-21T04:00:00Z",
    ...fields,
  };
}

export function run(id: number, fields: Partial<SourceRunView> = {}): SourceRunView {
  return {
    id,
    source_id: 3,
    job_id: 90 + id,
    status: "completed",
    added: 2,
    updated: 1,
    unchanged: 27,
    gone: 4,
    failed: 0,
    skipped: 5,
    error: null,
    notes: [],
    started_at: "2026-11-21T04:00:00Z",
    finished_at: "2026-11-21T04:01:30Z",
    ...fields,
  };
}
