/** Documents and hits as tests need them. */

import type { Hit, KnowledgeDocumentView } from "../api/schema";

export function document(id: number, fields: Partial<KnowledgeDocumentView> = {}): KnowledgeDocumentView {
  return {
    id,
    title: "Field notes",
    category: "notes",
    tags: ["birds"],
    filename: "field-notes.md",
    origin: "upload",
    source_path: null,
    source_url: null,
    repository_id: null,
    commit_sha: null,
    content_type: "text/markdown",
    size: 2048,
    content_hash: "abcdef0123456789",
    version: 1,
    status: "indexed",
    error: null,
    chunk_count: 3,
    technology_id: null,
    language: "en",
    warnings: [],
    stale: false,
    stale_reasons: [],
    staleness: 0,
    indexed_at: "2026-11-21T11:00:00Z",
    created_at: "2026-11-21T11:00:00Z",
    updated_at: "2026-11-21T11:00:00Z",
    ...fields,
  };
}

export function hit(id: number, fields: Partial<Hit> = {}): Hit {
  return {
    chunk_id: id,
    document_id: 12,
    title: "Field notes",
    category: "notes",
    content: "The 🦩 heron nests.",
    heading_path: ["Birds", "Herons"],
    highlights: [{ start: 6, end: 11 }],
    score: 0.75,
    source: "field-notes.md",
    span: { start: 40, end: 58 },
    url: null,
    duplicates: [],
    ...fields,
  };
}
