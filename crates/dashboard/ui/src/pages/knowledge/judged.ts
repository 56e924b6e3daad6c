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
  return { queries, problems, given };
}

/** A question, or what is wrong with it. */
function questionFrom(entry: unknown): JudgedQuery | string {
  if (!isObject(entry) || typeof entry.query !== "string" || entry.query.trim() === "") return "has no `query`";
  if (!Array.isArray(entry.relevant) || entry.relevant.length === 0) return "has no documents in `relevant`";
  const relevant: JudgedQuery["relevant"] = [];
  for (const one of entry.relevant as unknown[]) {
    if (!isObject(one) || !(typeof one.document === "string" || typeof one.document === "number")) return "has an entry of `relevant` without a `document`";
    if (one.grade != null && !isGrade(one.grade)) return `has the grade ${JSON.stringify(one.grade)}, which must be a whole number from 0 to 10`;
    relevant.push({ document: String(one.document), ...(isGrade(one.grade) && { grade: one.grade }) });
  }
  return { query: entry.query, relevant };
}

function fromCsv(text: string): Judged {
  const rows = csv(text);
  if (rows === null) return nothing("has a quotation mark that is never closed");
  const head = rows[0]?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const named = head.includes("query") && head.includes("document");
  const [query, document, grade] = named ? [head.indexOf("query"), head.indexOf("document"), head.indexOf("grade")] : [0, 1, 2];
  const problems: string[] = [];
  const found = new Map<string, JudgedQuery["relevant"]>();
  for (const { line, cells } of named ? rows.slice(1) : rows) {
    const [asked, answer, graded] = [cells[query], cells[document], grade >= 0 ? cells[grade] : ""];
    const number = graded ? Number(graded) : 1;
    if (!asked || !answer) problems.push(`line ${line} needs a question and a document`);
    else if (!isGrade(number)) problems.push(`line ${line} has the grade “${graded}”, which must be a whole number from 0 to 10`);
    else found.set(asked, [...(found.get(asked) ?? []), { document: answer, grade: number }]);
  }
  if (found.size === 0 && problems.length === 0) return nothing("has a head and no question");
  return { queries: [...found].map(([asked, relevant]) => ({ query: asked, relevant })), problems, given: {} };
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

function isGrade(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 10;
}
