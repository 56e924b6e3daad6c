/** Which attempts are shown: the filters as the address keeps them, and as the API takes them. */

import type { Query } from "../../api/client";
import { CAUSES, GROUPS, OUTCOMES } from "../../api/llm-schema";

type Get = (name: string) => string;

/** What the sums are by; by model without a word. */
export function groupOf(get: Get): string {
  return GROUPS.find((group) => group === get("by")) ?? "model";
}

const known = (values: readonly string[], value: string): string => (values.includes(value) ? value : "");

/** A day of the calendar, as the moment that it begins at in UTC. */
function midnight(day: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : "";
}

/** The filters as a query. What an address cannot mean is left out, so that it hides nothing. */
export function queryOf(get: Get): Query {
  return {
    role: get("role"),
    model: get("model"),
    provider: get("provider"),
    cause: known(CAUSES, get("cause")),
    outcome: known(OUTCOMES, get("outcome")),
    since: midnight(get("since")),
    until: midnight(get("until")),
  };
}
