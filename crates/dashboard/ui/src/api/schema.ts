/** What the API says and takes: the types generated from its document, by the names the pages use. */

import type { components } from "./generated";

type Schemas = components["schemas"];

export type Id = number;
export type Timestamp = string;

/** One page of a list: the document has one type for each kind of row. */
export type Page<T> = Omit<Schemas["PageView_ProjectView"], "items"> & { items: T[] };

export type SetupView = Schemas["SetupView"];
export type UserView = Schemas["UserView"];
export type Register = Schemas["Register"];
export type Login = Schemas["Login"];
export type TokenView = Schemas["TokenView"];
export type TicketView = Schemas["TicketView"];
export type ApiKeyView = Schemas["ApiKeyView"];
export type CreateKey = Schemas["CreateKey"];

export type ProjectView = Schemas["ProjectView"];
export type CreateProject = Schemas["CreateProject"];
export type MemberView = Schemas["MemberView"];
export type AddMember = Schemas["AddMember"];
export type ChangeMember = Schemas["ChangeMember"];

export type RepositoryView = Schemas["RepositoryView"];
export type CreateRepository = Schemas["CreateRepository"];
export type JobAcceptedView = Schemas["JobAcceptedView"];

export type TechnologyView = Schemas["TechnologyView"];
export type CreateTechnology = Schemas["CreateTechnology"];
export type UpdateTechnology = Schemas["UpdateTechnology"];
export type LinkedRepositoryView = Schemas["RepositoryLinkView"];

export type TaskView = Schemas["TaskView"];
export type CreateTask = Schemas["CreateTask"];
export type UpdateTask = Schemas["UpdateTask"];
export type TaskDocumentView = Schemas["TaskDocumentView"];
export type TaskDocumentsView = Schemas["TaskDocumentsView"];

export type DashboardStats = Schemas["StatsView"];
export type RecentActivity = Schemas["ActivityView"];

export type Hit = Schemas["HitView"];
export type KnowledgeAnswer = Schemas["AnswerView"];
export type KnowledgeDocumentView = Schemas["KnowledgeDocumentView"];
export type UploadAcceptedView = Schemas["UploadedView"];
export type CategoriesView = Schemas["CategoriesView"];
export type CollectionsView = Schemas["CollectionsView"];
export type DocumentContentView = Schemas["DocumentContentView"];
export type DocumentVersionView = Schemas["DocumentVersionView"];
export type ChunkView = Schemas["ChunkView"];
export type EditDocument = Schemas["EditDocument"];
export type SpanView = Schemas["SpanView"];
export type ExplanationView = Schemas["ExplanationView"];

export type { EvaluateKnowledge, EvaluationView, JudgedQueryBody as JudgedQuery, MeasuresView, OutcomeView, QueryKnowledge as KnowledgeQuery } from "./knowledge-schema";

// The document says these values in words only.
export const ROLES = ["viewer", "member", "maintainer", "owner"] as const;
export const DOMAINS = ["audio-dsp", "ai-ml", "music-theory", "performance", "ui-ux", "infrastructure", "other"] as const;
export const TECHNOLOGY_STATUSES = ["discovery", "research", "evaluation", "implementation", "integrated", "archived"] as const;
export const RINGS = ["adopt", "trial", "assess", "hold"] as const;
export const DIFFICULTIES = ["trivial", "easy", "moderate", "complex", "very_complex"] as const;
export const MATURITIES = ["alpha", "beta", "stable", "mature", "legacy"] as const;
export const COST_TIERS = ["free", "freemium", "affordable", "moderate", "expensive", "enterprise"] as const;
export const TASK_STATUSES = ["pending", "in_progress", "blocked", "completed", "cancelled"] as const;
export const SEARCH_MODES = ["hybrid", "keyword", "vector"] as const;
export const DOCUMENT_STATUSES = ["pending", "indexing", "indexed", "failed"] as const;
export const DOCUMENT_ORIGINS = ["upload", "repository", "source"] as const;
export const TASK_TYPES = ["research", "ad_hoc_hypothesis"] as const;

/** What a job counts. A server that does not tell it leaves it out. */
export interface ItemCounts {
  items_done?: number | null;
  items_failed?: number | null;
  items_total?: number | null;
}

/** A frame of a job's WebSocket, which the document does not describe. */
export type JobFrame =
  | ({ type: "connected"; job_id: Id; status: string; progress: number; current_step: string | null } & ItemCounts)
  | ({ type: "progress"; job_id: Id; status: string; progress: number; current_step: string | null; is_terminal: boolean } & ItemCounts)
  | { type: "completed"; job_id: Id; status: string; result: unknown; error: string | null };
