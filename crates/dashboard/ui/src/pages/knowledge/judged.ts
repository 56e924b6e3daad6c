/** Questions with their judgements, as people paste them: JSON as the API takes it, or CSV with a line for each judgement. */

import type { EvaluateKnowledge, JudgedQuery } from "../../api/schema";

export interface Judged {
  queries: JudgedQuery[];
  /** What of the text cannot be understood, by its place. */
  problems: string[];
  /** What else JSON says of the evaluation. */
  given: Partial<EvaluateKnowledge>;
}

const nothing = (problem: string): Judged => ({ queries: [], problems: [problem], given: {} });
/** What an evaluation may say besides its questions. */
const GIVEN = ["name", "mode", "k"] as const;

export function parseJudged(text: string): Judged {
  const trimmed = text.trim();
  if (trimmed === "") return nothing("paste at least one question");
  return /^[[{]/.test(trimmed) ? fromJson(trimmed) : fromCsv(trimmed);
}

function fromJson(text: string): Judged {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return nothing(`is no JSON: ${error instanceof Error ? error.message : "it cannot be read"}`);
  }
  const list: unknown = isObject(value) && "queries" in value ? value.queries : value;
  if (!Array.isArray(list)) return nothing("must be a list of questions, or an object with `queries`");
  const problems: string[] = [];
  const queries = list.flatMap((entry: unknown, index) => {
    const read = questionFrom(entry);
    if (typeof read !== "string") return [read];
    problems.push(`question ${index + 1} ${read}`);
    return [];
  });
  const given = isObject(value) ? Object.fromEntries(GIVEN.filter((key) => value[key] != null).map((key) => [key, value[key]])) : {};
  return within({ queries, problems, given });
}

/** Questions of one evaluation at most. */
const MOST = 1_000;

function within(judged: Judged): Judged {
  const number = judged.queries.length;
  return number > MOST ? { ...judged, problems: [`has ${number} questions; one evaluation takes at most ${MOST}`, ...judged.problems] } : judged;
}

/** A question, or what is wrong with it. The names of the first version of the API are understood too. */
function questionFrom(entry: unknown): JudgedQuery | string {
  if (!isObject(entry) || typeof entry.query !== "string" || entry.query.trim() === "") return "has no `query`";
  const list: unknown = entry.judgements ?? entry.relevant;
  if (!Array.isArray(list) || list.length === 0) return "has no documents in `judgements`";
  const judgements: JudgedQuery["judgements"] = [];
  for (const one of list as unknown[]) {
    const document = isObject(one) ? documentFrom(one) : null;
    if (!isObject(one) || document === null) return "has a judgement without a `document_id` or a `document`";
    const relevance = one.relevance ?? one.grade;
    if (relevance != null && !isRelevance(relevance)) return `has the relevance ${JSON.stringify(relevance)}, which must be ${RELEVANCE}`;
    judgements.push({ ...document, ...(isRelevance(relevance) && { relevance }) });
  }
  const id = typeof entry.id === "string" || typeof entry.id === "number" ? { id: String(entry.id) } : {};
  return { ...id, query: entry.query, judgements };
}

/** The document that a judgement names: an id, or else a file name or a path. */
function documentFrom({ document_id: id, document }: Record<string, unknown>): { document_id: number } | { document: string } | null {
  if (typeof id === "number" && Number.isSafeInteger(id)) return { document_id: id };
  if (typeof document === "number" && Number.isSafeInteger(document)) return { document_id: document };
  return typeof document === "string" && document.trim() !== "" ? { document } : null;
}

/** What the column of relevances may be called. */
const RELEVANCES = ["relevance", "grade", "relevant"];

function fromCsv(text: string): Judged {
  const rows = csv(text);
  if (rows === null) return nothing("has a quotation mark that is never closed");
  const head = rows[0]?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const named = head.includes("query") && head.includes("document");
  const [query, document, relevance] = named ? [head.indexOf("query"), head.indexOf("document"), head.findIndex((cell) => RELEVANCES.includes(cell))] : [0, 1, 2];
  const problems: string[] = [];
  const found = new Map<string, JudgedQuery["judgements"]>();
  for (const { line, cells } of named ? rows.slice(1) : rows) {
    const [asked, answer, judged] = [cells[query], cells[document], relevance >= 0 ? cells[relevance] : ""];
    const number = judged ? Number(judged) : 1;
    if (!asked || !answer) problems.push(`line ${line} needs a question and a document`);
    else if (!isRelevance(number)) problems.push(`line ${line} has the relevance “${judged}”, which must be ${RELEVANCE}`);
    else found.set(asked, [...(found.get(asked) ?? []), { document: answer, relevance: number }]);
  }
  if (found.size === 0 && problems.length === 0) return nothing("has a head and no question");
  return within({ queries: [...found].map(([asked, judgements]) => ({ query: asked, judgements })), problems, given: {} });
}

interface Row {
  line: number;
  cells: string[];
}

/** The rows of a table with commas, semicolons or tabs, whichever its first line has most of; null when a quoted cell never ends. */
function csv(text: string): Row[] | null {
  const first = text.split("\n", 1)[0] ?? "";
  const by = (mark: string) => first.split(mark).length;
  const separator = [",", ";", "\t"].reduce((best, mark) => (by(mark) > by(best) ? mark : best));
  const rows: Row[] = [];
  let [cells, cell, quoted, line, begun] = [[] as string[], "", false, 1, 1];
  const close = () => {
    cells.push(cell.trim());
    if (cells.some((value) => value !== "")) rows.push({ line: begun, cells });
    [cells, cell] = [[], ""];
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\n") line += 1;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[(at += 1)];
      else quoted = false;
    } else if (character === '"' && cell.trim() === "") [quoted, cell] = [true, ""];
    else if (character === separator) [cells, cell] = [[...cells, cell.trim()], ""];
    else if (character === "\n") {
      close();
      begun = line;
    } else cell += character;
  }
  close();
  return quoted ? null : rows;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const RELEVANCE = "a whole number from 0 to 100";

function isRelevance(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100;
}
