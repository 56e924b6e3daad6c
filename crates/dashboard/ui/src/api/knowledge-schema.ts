/**
 * Of the knowledge base, what the committed document does not hold yet. Each type mirrors the view of the same name under
 * `crates/http/src/routes/knowledge`: `evaluations.rs`, `answer_view.rs`, `archive.rs` and `question.rs`. When the document is made
 * anew, they give way to the generated ones.
 */

import type { components } from "./generated";

type Schemas = components["schemas"];

export type MeasuresView = Schemas["MeasuresView"];

/** A document that answers, or is known not to: by its id, or else by its file name or path. */
export interface JudgementBody {
  document_id?: number | null;
  document?: string | null;
  relevance?: number | null;
}

export interface JudgedQueryBody {
  id?: string | null;
  query: string;
  judgements: JudgementBody[];
}

export interface EvaluateKnowledge {
  name?: string | null;
  mode?: string | null;
  k?: number | null;
  queries: JudgedQueryBody[];
}

export type OutcomeView = MeasuresView & {
  id?: string | null;
  query: string;
  found: string[];
  missed: string[];
};

export type EvaluationView = MeasuresView & {
  id: number;
  name: string;
  mode: string;
  k: number;
  previous?: (MeasuresView & { id: number }) | null;
  difference?: MeasuresView | null;
  queries: OutcomeView[];
  created_at: string;
};

/** `QueryKnowledge` with the two filters that came later. */
export type QueryKnowledge = Schemas["QueryKnowledge"] & { source_id?: number | null; language?: string | null };

export interface AskKnowledge {
  question: string;
  policy?: string | null;
  limit?: number | null;
  mode?: string | null;
  category?: string | null;
}

export interface AskedPassagesView {
  mode_used: string;
  degraded_reason?: string | null;
  items: Schemas["HitView"][];
}

export interface CitationView {
  number: number;
  quote?: string | null;
  verified: boolean;
  document_id?: number | null;
  chunk_id?: number | null;
  span?: Schemas["SpanView"] | null;
  fault?: string | null;
}

export interface StatementView {
  text: string;
  support: string;
  citations: CitationView[];
}

/** How an answer ended (`EndView`). */
export interface AskEndView {
  outcome: string;
  problem?: string | null;
  detail?: string | null;
  model?: string | null;
  supported: number;
  unsupported: number;
  dropped: number;
  input_tokens: number;
  output_tokens: number;
  cost_nano: number;
}

/** What an import came to. */
export interface ImportedView {
  documents: number;
  added: number;
  updated: number;
  unchanged: number;
  skipped: number;
  passages: number;
  to_embed: number;
}
