/** Language models as tests need them. */

import type { AgentView, BudgetView, ModelView, PricedModelView, ProviderView, SumView, UsageView } from "../api/llm-schema";

const AT = { created_at: "2026-11-01T00:00:00Z", updated_at: "2026-11-21T04:00:00Z" };

export const MODEL: PricedModelView = { name: "gpt-4o-mini", input_nano_per_million: 150_000_000, cached_nano_per_million: null, output_nano_per_million: 600_000_000, context_window: 128_000, max_output_tokens: 4_096, capabilities: ["tools"] };

export function provider(id: number, fields: Partial<ProviderView> = {}): ProviderView {
  return { id, alias: "openai", dialect: "openai", base_url: "https://api.openai.com/v1", scope: "project", origin: "settings", has_api_key: true, api_key_hint: "ab12", enabled: true, models: [MODEL], version: 3, ...AT, ...fields };
}

export const model = (name: string): ModelView => ({ ...MODEL, name, id: `openai/${name}`, provider: "openai", scope: "project", enabled: true, configured: true });

export function agent(role: string, fields: Partial<AgentView> = {}): AgentView {
  return { role, scope: "project", provider: "openai", model_id: "gpt-4o-mini", fallbacks: [{ provider: "openai", model_id: "gpt-4o" }], updated_at: AT.updated_at, ...fields };
}

export function budget(id: number, fields: Partial<BudgetView> = {}): BudgetView {
  return {
    id,
    name: "the month",
    scope: "project",
    user_id: null,
    api_key_id: null,
    cause: null,
    period: "month",
    limit_nano: 50_000_000_000,
    mode: "hard",
    spent_nano: 12_500_000_000,
    reserved_nano: 0,
    period_start: "2026-11-01T00:00:00Z",
    resets_at: "2099-12-01T00:00:00Z",
    version: 2,
    ...AT,
    ...fields,
  };
}

export function attempt(id: number, fields: Partial<UsageView> = {}): UsageView {
  return {
    id,
    provider: "openai",
    provider_id: 1,
    model: "gpt-4o-mini",
    user_id: 1,
    api_key_id: null,
    role: "answer",
    cause: "ask",
    cause_id: null,
    attempt: 1,
    input_tokens: 1_200,
    cached_tokens: 0,
    output_tokens: 300,
    estimated: false,
    cost_nano: 360_000,
    reserved_nano: 0,
    outcome: "complete",
    failure: null,
    latency_ms: 840,
    first_token_ms: 210,
    started_at: "2026-11-21T11:00:00Z",
    ended_at: "2026-11-21T11:00:01Z",
    ...fields,
  };
}

export const sum = (key: string | null, cost_nano: number): SumView => ({ group_by: "model", key, attempts: 2, unsuccessful: 1, input_tokens: 1_200, cached_tokens: 0, output_tokens: 300, estimated: 0, cost_nano });
