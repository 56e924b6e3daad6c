/** What is asked of the knowledge base: as the address keeps it, and as the API takes it. */

import { SEARCH_MODES, type KnowledgeQuery } from "../../api/schema";
import { labels } from "../../lib/text";

/** The parts of a question that an address may hold. */
export const PARTS = ["q", "mode", "category", "origin", "repository", "source", "technology", "language", "tags", "path", "since", "until", "group", "diversity", "explain"] as const;
export type Part = (typeof PARTS)[number];
export type Question = Partial<Record<Part, string>>;

/** Those that narrow a search down, and are folded away while none is used. */
export const NARROWING: readonly Part[] = ["origin", "repository", "source", "technology", "language", "tags", "path", "since", "until", "group", "diversity"];

const usual: Question = { mode: "hybrid", group: "document" };

/** The address of a search. What is as usual is left out. */
export function searchAddress(question: Question, page = 1): string {
  const entries = PARTS.map((part) => [part, question[part] ?? ""] as const).filter(([part, value]) => value !== "" && value !== usual[part]);
  const params = new URLSearchParams(entries.map(([part, value]): [string, string] => [part, value]));
  if (page > 1) params.set("page", String(page));
  const text = params.toString();
  return text ? `/knowledge/search?${text}` : "/knowledge/search";
}

/** The question that an address holds. */
export function questionOf(get: (name: string) => string | null): Question {
  return Object.fromEntries(PARTS.map((part) => [part, get(part) ?? ""]).filter(([, value]) => value !== ""));
}

/** An id; what is none is left out, so that it hides nothing. */
function id(text: string | undefined): number | undefined {
  const number = Number(text);
  return text && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** A day of the calendar, as the moment that it begins at in UTC. */
function midnight(day: string | undefined): string | undefined {
  return day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : undefined;
}

/** The question as the API takes it; null when nothing is asked. */
export function bodyOf(question: Question, page: number): KnowledgeQuery | null {
  const query = question.q?.trim();
  if (!query) return null;
  const tags = labels(question.tags ?? "");
  const diversity = Number(question.diversity);
  return {
    query,
    page,
    limit: 10,
    mode: SEARCH_MODES.find((mode) => mode === question.mode) ?? "hybrid",
    category: question.category || undefined,
    origin: question.origin || undefined,
    repository_id: id(question.repository),
    source_id: id(question.source),
    technology_id: id(question.technology),
    language: question.language || undefined,
    tags: tags.length > 0 ? tags : undefined,
    path_prefix: question.path || undefined,
    since: midnight(question.since),
    until: midnight(question.until),
    group: question.group === "passage" ? "passage" : undefined,
    diversity: question.diversity && Number.isFinite(diversity) ? diversity : undefined,
    explain: question.explain ? true : undefined,
  };
}
