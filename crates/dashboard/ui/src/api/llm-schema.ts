/**
 * Language models, by the names the pages use. The committed document does not hold these yet: each type mirrors the view or body of the
 * same name under `crates/http/src/routes/settings` and `crates/http/src/routes/llm`. When the document is made anew, they give way to
 * the generated ones. Money is in nano-dollars.
 */

export const DIALECTS = ["openai", "anthropic", "gemini"] as const;
export const CAPABILITIES = ["tools", "json_schema", "vision", "embeddings"] as const;
export const CAUSES = ["api", "ask", "job", "debate", "research_task", "prompt", "embedding", "connection_test"] as const;
export const OUTCOMES = ["open", "complete", "incomplete", "failed", "cancelled", "cached", "lost"] as const;
export const BUDGET_SCOPES = ["project", "user", "api_key", "cause"] as const;
export const PERIODS = ["day", "month", "total"] as const;
export const BUDGET_MODES = ["hard", "soft"] as const;
export const GROUPS = ["model", "role", "cause", "day", "provider", "api_key", "user"] as const;

export interface ModelBody {
  name: string;
  input_nano_per_million?: number | null;
  cached_nano_per_million?: number | null;
  output_nano_per_million?: number | null;
  context_window?: number | null;
  max_output_tokens?: number | null;
  capabilities?: string[];
}

export interface CreateProvider {
  alias: string;
  dialect: string;
  base_url?: string | null;
  api_key?: string | null;
  models?: ModelBody[];
  enabled?: boolean | null;
}

/** A field left out stays; null removes the key, or puts the default back. */
export type UpdateProvider = { [Field in keyof CreateProvider]?: CreateProvider[Field] | null };

export interface PricedModelView {
  name: string;
  input_nano_per_million: number;
  cached_nano_per_million?: number | null;
  output_nano_per_million: number;
  context_window: number;
  max_output_tokens: number;
  capabilities: string[];
}

export interface ProviderView {
  id: number;
  alias: string;
  dialect: string;
  base_url: string;
  /** `instance` or `project`: whose it is. */
  scope: string;
  /** `settings` or `environment`. */
  origin: string;
  has_api_key: boolean;
  api_key_hint?: string | null;
  enabled: boolean;
  models: PricedModelView[];
  version: number;
  created_at: string;
  updated_at: string;
}

export type ModelView = PricedModelView & { id: string; provider: string; scope: string; enabled: boolean; configured: boolean };

export interface TestedView {
  ok: boolean;
  model: string;
  cost_nano: number;
  latency_ms: number;
}

export interface FallbackView {
  provider: string;
  model_id: string;
}

export interface PutAgent {
  provider: string;
  model_id: string;
  fallbacks?: FallbackView[];
}

export interface AgentView {
  role: string;
  scope: string;
  provider: string;
  model_id: string;
  fallbacks: FallbackView[];
  updated_at: string;
}

export interface CreateBudget {
  name: string;
  scope?: string | null;
  user_id?: number | null;
  api_key_id?: number | null;
  cause?: string | null;
  period?: string | null;
  limit_nano?: number | null;
  mode?: string | null;
}

export type UpdateBudget = Partial<Pick<CreateBudget, "name" | "limit_nano" | "mode">>;

export interface BudgetView {
  id: number;
  name: string;
  scope: string;
  user_id?: number | null;
  api_key_id?: number | null;
  cause?: string | null;
  period: string;
  limit_nano: number;
  mode: string;
  spent_nano: number;
  reserved_nano: number;
  period_start?: string | null;
  resets_at?: string | null;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface UsageView {
  id: number;
  provider: string;
  provider_id: number;
  model: string;
  user_id?: number | null;
  api_key_id?: number | null;
  role?: string | null;
  cause: string;
  cause_id?: string | null;
  attempt: number;
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
  estimated: boolean;
  cost_nano: number;
  reserved_nano: number;
  outcome: string;
  failure?: string | null;
  latency_ms?: number | null;
  first_token_ms?: number | null;
  started_at: string;
  ended_at?: string | null;
}

export interface SumView {
  group_by: string;
  key?: string | null;
  attempts: number;
  unsuccessful: number;
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
  estimated: number;
  cost_nano: number;
}
