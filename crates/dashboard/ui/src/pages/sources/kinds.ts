/** What each kind of source can be told. The server knows the defaults and the limits; these are shown before it is asked. */

import type { Values } from "../../components/form";
import { labels, lines } from "../../lib/text";
import type { Free } from "../../api/jobs-schema";
import type { SourceKind } from "../../api/sources-schema";

export interface Setting {
  key: string;
  label: string;
  type: "number" | "flag" | "text" | "url" | "lines";
  hint?: string;
  initial?: number | boolean;
  min?: number;
  max?: number;
  required?: boolean;
}

export interface Kind {
  label: string;
  /** What is read, in a line. */
  what: string;
  /** Where it is; a kind without has nothing to point to. */
  place: { name: "url" | "path"; label: string; hint: string } | null;
  settings: readonly Setting[];
}

export const KINDS: Record<SourceKind, Kind> = {
  documentation: {
    label: "Documentation site",
    what: "The pages of a site, by its sitemaps and its links.",
    place: { name: "url", label: "First page", hint: "Pages of the same site that it leads to are read." },
    settings: [
      { key: "max_pages", label: "Most pages", type: "number", initial: 100, min: 1, max: 10_000, hint: "Of one run." },
      { key: "max_depth", label: "Depth", type: "number", initial: 3, min: 0, max: 20, hint: "Links from the first page." },
      { key: "path_prefix", label: "Only below", type: "text", hint: "A path such as /docs/." },
      { key: "delay_ms", label: "Pause (ms)", type: "number", min: 0, max: 60_000, hint: "Between two requests; one second when empty." },
      { key: "sitemap_url", label: "Sitemap", type: "url", hint: "When it is not where sites usually have it." },
      { key: "use_sitemap", label: "Look for sitemaps", type: "flag", initial: true },
    ],
  },
  rss: {
    label: "Feed",
    what: "The entries of an RSS, Atom or JSON feed.",
    place: { name: "url", label: "Address of the feed", hint: "The feed itself, not the page that links to it." },
    settings: [
      { key: "max_entries", label: "Most entries", type: "number", initial: 100, min: 1, max: 1_000, hint: "The newest of one answer." },
      { key: "full_text", label: "Read the page behind a short entry", type: "flag", initial: true },
    ],
  },
  file_watcher: {
    label: "Folder",
    what: "The files of a folder on the server.",
    place: { name: "path", label: "Folder", hint: "Absolute, below one of the server's ingestion.allowed_roots." },
    settings: [
      { key: "patterns", label: "Only files like", type: "lines", hint: "One pattern a line, such as **/*.md. All that is text when empty." },
      { key: "exclude", label: "Leave out", type: "lines", hint: "One pattern a line." },
      { key: "max_files", label: "Most files", type: "number", initial: 2_000, min: 1, max: 20_000 },
    ],
  },
  hacker_news: {
    label: "Hacker News",
    what: "Stories of Hacker News that match keywords.",
    place: null,
    settings: [
      { key: "keywords", label: "Keywords", type: "lines", required: true, hint: "One a line; a story matches one of them." },
      { key: "min_score", label: "Least points", type: "number", initial: 10, min: 0, max: 100_000 },
      { key: "since_hours", label: "Hours back", type: "number", initial: 168, min: 1, max: 8_784 },
      { key: "max_stories", label: "Most stories", type: "number", initial: 100, min: 1, max: 1_000, hint: "Of one run." },
    ],
  },
  webhook: {
    label: "Push webhook",
    what: "Documents that other programs push, signed with a secret.",
    place: null,
    settings: [],
  },
};

/** The kind of a source; one that this page does not know yet is shown by its name. */
export function kindOf(type: string): Kind {
  return KINDS[type as SourceKind] ?? { label: type, what: "", place: null, settings: [] };
}

/** Whether sources of this kind are read by jobs; the others are pushed to. */
export const isRead = (type: string): boolean => type !== "webhook";

/** The name of a setting's input, which is also how the API calls it in its problems. */
export const inputOf = (key: string): string => `config.${key}`;

/** The inputs of a kind's form. */
export function inputsOf(kind: Kind): string[] {
  return [...kind.settings.map(({ key }) => key), "category", "tags"].map(inputOf);
}

function valueOf({ key, type }: Setting, values: Values): unknown {
  const name = inputOf(key);
  switch (type) {
    case "number":
      return values.number(name);
    case "flag":
      return values.checked(name);
    case "lines":
      return lines(values.text(name));
    case "text":
    case "url":
      return values.optional(name);
  }
}

/** The settings of a form. They are given as a whole, so what this page does not know of a stored source stays. */
export function configOf(kind: Kind, values: Values, before: Free = {}): Free {
  const settings = kind.settings.map((setting) => [setting.key, valueOf(setting, values)]);
  return { ...before, ...Object.fromEntries(settings), category: values.optional(inputOf("category")), tags: labels(values.text(inputOf("tags"))) };
}

/** A stored setting as an input shows it. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join("\n");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
