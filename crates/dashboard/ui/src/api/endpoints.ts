/** Every operation the dashboard uses, one function each. */

import { call, send, type Query } from "./client";
import type { AttemptView, CountView, JobStatisticsView, JobView, LogLineView, Part, QueueView, SelectJobs } from "./jobs-schema";
import type { AgentView, BudgetView, CreateBudget, CreateProvider, ModelView, ProviderView, PutAgent, SumView, TestedView, UpdateBudget, UpdateProvider, UsageView } from "./llm-schema";
import type {
  AddMember,
  ApiKeyView,
  CategoriesView,
  ChangeMember,
  ChunkView,
  CollectionsView,
  CreateKey,
  CreateProject,
  CreateRepository,
  CreateTask,
  CreateTechnology,
  DashboardStats,
  DocumentContentView,
  DocumentVersionView,
  EditDocument,
  EvaluateKnowledge,
  EvaluationView,
  Id,
  JobAcceptedView,
  KnowledgeAnswer,
  KnowledgeDocumentView,
  KnowledgeQuery,
  LinkedRepositoryView,
  Login,
  MemberView,
  Page,
  ProjectView,
  RecentActivity,
  Register,
  RepositoryView,
  SetupView,
  TaskDocumentsView,
  TaskDocumentView,
  TaskView,
  TechnologyView,
  TicketView,
  TokenView,
  UpdateTask,
  UpdateTechnology,
  UploadAcceptedView,
  UserView,
} from "./schema";
import type { AskKnowledge } from "./knowledge-schema";
import type { CreateSource, PreviewView, RunAcceptedView, SourceItemView, SourceRunDetailView, SourceRunView, SourceView, UpdateSource } from "./sources-schema";

/** An entity with the tag that guards its next change. */
export interface Tagged<T> {
  value: T;
  etag: string | null;
}

async function tagged<T>(path: string): Promise<Tagged<T>> {
  const response = await send("GET", path);
  return { value: (await response.json()) as T, etag: response.headers.get("etag") };
}

function form(fields: Record<string, string | Blob | undefined>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== "") data.append(name, value);
  return data;
}

export const auth = {
  setup: () => call<SetupView>("GET", "/auth/setup"),
  register: (body: Register) => call<UserView>("POST", "/auth/register", { body }),
  login: (body: Login) => call<TokenView>("POST", "/auth/login", { body }),
  me: () => call<UserView>("GET", "/auth/me"),
  logout: () => call<void>("POST", "/auth/logout"),
  ticket: () => call<TicketView>("POST", "/auth/ws-ticket"),
};

export const projects = {
  list: () => call<Page<ProjectView>>("GET", "/projects", { query: { limit: 100, sort: "name" } }),
  create: (body: CreateProject) => call<ProjectView>("POST", "/projects", { body }),
};

export const members = {
  list: (project: Id, query: Query) => call<Page<MemberView>>("GET", `/projects/${project}/members`, { query }),
  add: (project: Id, body: AddMember) => call<MemberView>("POST", `/projects/${project}/members`, { body }),
  change: (project: Id, user: Id, body: ChangeMember) => call<MemberView>("PATCH", `/projects/${project}/members/${user}`, { body }),
  remove: (project: Id, user: Id) => call<void>("DELETE", `/projects/${project}/members/${user}`),
};

export const apiKeys = {
  list: (query: Query) => call<Page<ApiKeyView>>("GET", "/auth/api-keys", { query }),
  create: (body: CreateKey) => call<ApiKeyView>("POST", "/auth/api-keys", { body }),
  remove: (id: Id) => call<void>("DELETE", `/auth/api-keys/${id}`),
};

export const dashboard = {
  stats: () => call<DashboardStats>("GET", "/dashboard/stats"),
  activity: () => call<RecentActivity>("GET", "/dashboard/recent-activity", { query: { limit: 10 } }),
};

export const repositories = {
  list: (query: Query) => call<Page<RepositoryView>>("GET", "/repositories", { query }),
  create: (body: CreateRepository) => call<RepositoryView>("POST", "/repositories", { body }),
  remove: (id: Id) => call<void>("DELETE", `/repositories/${id}`),
  sync: (id: Id) => call<JobAcceptedView>("POST", `/repositories/${id}/sync`, { body: {} }),
};

export const technologies = {
  list: (query: Query) => call<Page<TechnologyView>>("GET", "/technologies", { query }),
  get: (id: Id) => tagged<TechnologyView>(`/technologies/${id}`),
  create: (body: CreateTechnology) => call<TechnologyView>("POST", "/technologies", { body }),
  update: (id: Id, body: UpdateTechnology, ifMatch: string | null) => call<TechnologyView>("PATCH", `/technologies/${id}`, { body, ifMatch }),
  remove: (id: Id) => call<void>("DELETE", `/technologies/${id}`),
  repositories: (id: Id) => call<Page<LinkedRepositoryView>>("GET", `/technologies/${id}/repositories`),
  link: (id: Id, repository: Id) => call<void>("PUT", `/technologies/${id}/repositories/${repository}`),
  unlink: (id: Id, repository: Id) => call<void>("DELETE", `/technologies/${id}/repositories/${repository}`),
};

export const research = {
  list: (query: Query) => call<Page<TaskView>>("GET", "/research-tasks", { query }),
  get: (id: Id) => tagged<TaskView>(`/research-tasks/${id}`),
  create: (body: CreateTask) => call<TaskView>("POST", "/research-tasks", { body }),
  update: (id: Id, body: UpdateTask, ifMatch: string | null) => call<TaskView>("PATCH", `/research-tasks/${id}`, { body, ifMatch }),
  remove: (id: Id) => call<void>("DELETE", `/research-tasks/${id}`),
  setStatus: (id: Id, status: string) => call<TaskView>("PATCH", `/research-tasks/${id}/status`, { query: { new_status: status } }),
  setProgress: (id: Id, progress: number) => call<TaskView>("PATCH", `/research-tasks/${id}/progress`, { query: { progress_percentage: progress } }),
  documents: (id: Id) => call<TaskDocumentsView>("GET", `/research-tasks/${id}/documents`),
  attach: (id: Id, file: File) => call<TaskDocumentView>("POST", `/research-tasks/${id}/documents`, { body: form({ file }) }),
  detach: (id: Id, document: Id) => call<void>("DELETE", `/research-tasks/${id}/documents/${document}`),
  download: async (id: Id, document: Id) => (await send("GET", `/research-tasks/${id}/documents/${document}`)).blob(),
};

export const jobs = {
  list: (query: Query) => call<Page<JobView>>("GET", "/jobs", { query }),
  get: (id: Id) => call<JobView>("GET", `/jobs/${id}`),
  cancel: (id: Id) => call<JobView>("POST", `/jobs/${id}/cancel`),
  retry: (id: Id) => call<JobView>("POST", `/jobs/${id}/retry`),
  remove: (id: Id) => call<void>("DELETE", `/jobs/${id}`),
  attempts: (id: Id, cursor: number | null) => call<Part<AttemptView>>("GET", `/jobs/${id}/attempts`, { query: { cursor, limit: 50 } }),
  logs: (id: Id, cursor: number | null, limit: number) => call<Part<LogLineView>>("GET", `/jobs/${id}/logs`, { query: { cursor, limit } }),
  children: (id: Id, page: number) => call<Page<JobView>>("GET", `/jobs/${id}/children`, { query: { page, limit: 20 } }),
  retryAll: (body: SelectJobs) => call<CountView>("POST", "/jobs/retry", { body }),
  cancelAll: (body: SelectJobs) => call<CountView>("POST", "/jobs/cancel", { body }),
  discardAll: (body: SelectJobs) => call<CountView>("POST", "/jobs/discard", { body }),
  queues: () => call<{ items: QueueView[] }>("GET", "/jobs/queues"),
  pauseQueue: (name: string) => call<QueueView>("POST", `/jobs/queues/${encodeURIComponent(name)}/pause`),
  resumeQueue: (name: string) => call<QueueView>("POST", `/jobs/queues/${encodeURIComponent(name)}/resume`),
  statistics: (window: string) => call<JobStatisticsView>("GET", "/jobs/statistics/summary", { query: { window } }),
};

export const sources = {
  list: (query: Query) => call<Page<SourceView>>("GET", "/ingestion/sources", { query }),
  get: (id: Id) => tagged<SourceView>(`/ingestion/sources/${id}`),
  create: (body: CreateSource) => call<SourceView>("POST", "/ingestion/sources", { body }),
  update: (id: Id, body: UpdateSource, ifMatch: string | null = null) => call<SourceView>("PUT", `/ingestion/sources/${id}`, { body, ifMatch }),
  remove: (id: Id) => call<void>("DELETE", `/ingestion/sources/${id}`),
  run: (id: Id) => call<RunAcceptedView>("POST", `/ingestion/sources/${id}/run`),
  runs: (id: Id, page: number) => call<Page<SourceRunView>>("GET", `/ingestion/sources/${id}/runs`, { query: { page, limit: 10 } }),
  oneRun: (id: Id, run: Id, page: number) => call<SourceRunDetailView>("GET", `/ingestion/sources/${id}/runs/${run}`, { query: { page, limit: 20 } }),
  items: (id: Id, query: Query) => call<Page<SourceItemView>>("GET", `/ingestion/sources/${id}/items`, { query }),
  /** The next times of a cron expression, which nothing is saved for. */
  preview: (cron: string) => call<PreviewView>("POST", "/schedules/preview", { body: { frequency: "cron", cron_expression: cron } }),
};

export const knowledge = {
  query: (body: KnowledgeQuery) => call<KnowledgeAnswer>("POST", "/knowledge/query", { body }),
  /** An answer in prose, as it is spoken: its body is server-sent events. */
  ask: (body: AskKnowledge, signal: AbortSignal) => send("POST", "/knowledge/ask", { body, signal, accept: "text/event-stream" }),
  documents: (query: Query) => call<Page<KnowledgeDocumentView>>("GET", "/knowledge/documents", { query }),
  document: (id: Id) => call<DocumentContentView>("GET", `/knowledge/documents/${id}`),
  edit: (id: Id, body: EditDocument) => call<KnowledgeDocumentView>("PATCH", `/knowledge/documents/${id}`, { body }),
  chunks: (id: Id, page: number) => call<Page<ChunkView>>("GET", `/knowledge/documents/${id}/chunks`, { query: { page, limit: 20 } }),
  versions: (id: Id, page: number) => call<Page<DocumentVersionView>>("GET", `/knowledge/documents/${id}/versions`, { query: { page, limit: 10 } }),
  upload: ({ file, ...fields }: { file: File; category: string; title?: string; tags?: string }) =>
    call<UploadAcceptedView>("POST", "/knowledge/documents", { body: form({ ...fields, file }) }),
  remove: (id: Id) => call<void>("DELETE", `/knowledge/documents/${id}`),
  export: (signal: AbortSignal) => send("GET", "/knowledge/export", { signal, accept: "application/zip" }),
  /** Takes an archive in; the answer's body is server-sent events. */
  import: (file: File, strategy: string, signal: AbortSignal) => send("POST", "/knowledge/import", { body: form({ strategy, file }), signal, accept: "text/event-stream" }),
  categories: () => call<CategoriesView>("GET", "/knowledge/categories"),
  collections: () => call<CollectionsView>("GET", "/knowledge/collections"),
};

export const evaluations = {
  list: (query: Query) => call<Page<EvaluationView>>("GET", "/knowledge/evaluations", { query }),
  get: (id: Id) => call<EvaluationView>("GET", `/knowledge/evaluations/${id}`),
  create: (body: EvaluateKnowledge) => call<EvaluationView>("POST", "/knowledge/evaluations", { body }),
};

export const llm = {
  providers: (query: Query = { limit: 100 }) => call<Page<ProviderView>>("GET", "/settings/providers", { query }),
  provider: (id: Id) => tagged<ProviderView>(`/settings/providers/${id}`),
  createProvider: (body: CreateProvider) => call<ProviderView>("POST", "/settings/providers", { body }),
  updateProvider: (id: Id, body: UpdateProvider, ifMatch: string | null) => call<ProviderView>("PATCH", `/settings/providers/${id}`, { body, ifMatch }),
  removeProvider: (id: Id) => call<void>("DELETE", `/settings/providers/${id}`),
  testProvider: (id: Id, model: string) => call<TestedView>("POST", `/settings/providers/${id}/test`, { body: { model } }),
  models: () => call<Page<ModelView>>("GET", "/settings/models", { query: { limit: 100 } }),
  roles: () => call<Page<AgentView>>("GET", "/settings/agents", { query: { limit: 100 } }),
  putRole: (role: string, body: PutAgent) => call<AgentView>("PUT", `/settings/agents/${encodeURIComponent(role)}`, { body }),
  removeRole: (role: string) => call<void>("DELETE", `/settings/agents/${encodeURIComponent(role)}`),
  budgets: (query: Query) => call<Page<BudgetView>>("GET", "/llm/budgets", { query }),
  budget: (id: Id) => tagged<BudgetView>(`/llm/budgets/${id}`),
  createBudget: (body: CreateBudget) => call<BudgetView>("POST", "/llm/budgets", { body }),
  updateBudget: (id: Id, body: UpdateBudget, ifMatch: string | null) => call<BudgetView>("PATCH", `/llm/budgets/${id}`, { body, ifMatch }),
  removeBudget: (id: Id) => call<void>("DELETE", `/llm/budgets/${id}`),
  usage: (query: Query) => call<Page<UsageView>>("GET", "/llm/usage", { query }),
  costs: (query: Query) => call<Page<SumView>>("GET", "/llm/costs", { query }),
  csv: (what: "usage" | "costs", query: Query) => send("GET", `/llm/${what}`, { query: { ...query, format: "csv" }, accept: "text/csv" }),
};
