import { expect, it } from "vitest";

import { parseJudged } from "./judged";

const KEYS = { query: "how do I rotate a key?", relevant: [{ document: "docs/keys.md", grade: 2 }, { document: "7", grade: 1 }] };

it("reads JSON, the questions alone or as the API takes them", () => {
  expect(parseJudged(JSON.stringify([KEYS]))).toEqual({ queries: [KEYS], problems: [], given: {} });
  expect(parseJudged(JSON.stringify({ name: "support", queries: [{ query: "leases", relevant: [{ document: 12 }] }] }))).toEqual({
    queries: [{ query: "leases", relevant: [{ document: "12" }] }],
    problems: [],
    given: { name: "support" },
  });
});

it("says which question of the JSON is wrong, and how", () => {
  const { queries, problems } = parseJudged('[{"query": "a", "relevant": [{"document": "x"}]}, {"relevant": []}, {"query": "c", "relevant": []}, {"query": "d", "relevant": [{"document": "x", "grade": 11}]}]');
  expect(queries).toHaveLength(1);
  expect(problems).toEqual(["question 2 has no `query`", "question 3 has no documents in `relevant`", "question 4 has the grade 11, which must be a whole number from 0 to 10"]);
  expect(parseJudged("[{").problems[0]).toMatch(/^is no JSON/);
  expect(parseJudged('{"questions": []}').problems).toHaveLength(1);
});

it("reads a table with or without a head, and puts the judgements of a question together", () => {
  const rows = 'how do I rotate a key?,docs/keys.md,2\nhow do I rotate a key?,7\n';
  expect(parseJudged(rows).queries).toEqual([KEYS]);
  expect(parseJudged(`grade;document;query\n2;docs/keys.md;"how do I rotate a key?"\n;7;how do I rotate a key?`).queries).toEqual([KEYS]);
  expect(parseJudged('"a ""quoted"", split\nquestion",a.md').queries).toEqual([{ query: 'a "quoted", split\nquestion', relevant: [{ document: "a.md", grade: 1 }] }]);
});

it("says which line of a table is wrong, and how", () => {
  expect(parseJudged("query,document,grade\nleases,,1\nleases,jobs.md,best\nleases,jobs.md,3").problems).toEqual([
    "line 2 needs a question and a document",
    "line 3 has the grade “best”, which must be a whole number from 0 to 10",
  ]);
  expect(parseJudged('"never closed,a.md').problems).toEqual(["has a quotation mark that is never closed"]);
  expect(parseJudged("query,document").problems).toEqual(["has a head and no question"]);
  expect(parseJudged("  ").problems).toEqual(["paste at least one question"]);
});
