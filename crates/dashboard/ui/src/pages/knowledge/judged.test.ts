import { expect, it } from "vitest";

import { parseJudged } from "./judged";

const KEYS = { query: "how do I rotate a key?", judgements: [{ document: "docs/keys.md", relevance: 2 }, { document: "7", relevance: 1 }] };

it("reads JSON, the questions alone or as the API takes them", () => {
  expect(parseJudged(JSON.stringify([KEYS]))).toEqual({ queries: [KEYS], problems: [], given: {} });
  expect(parseJudged(JSON.stringify({ name: "support", queries: [{ id: 3, query: "leases", judgements: [{ document_id: 12, relevance: 100 }, { document: "a.md" }] }] }))).toEqual({
    queries: [{ id: "3", query: "leases", judgements: [{ document_id: 12, relevance: 100 }, { document: "a.md" }] }],
    problems: [],
    given: { name: "support" },
  });
});

it("still reads the names of before", () => {
  expect(parseJudged('[{"query": "leases", "relevant": [{"document": 12, "grade": 2}, {"document": "a.md"}]}]').queries).toEqual([{ query: "leases", judgements: [{ document_id: 12, relevance: 2 }, { document: "a.md" }] }]);
  for (const head of ["relevance", "grade", "relevant"]) expect(parseJudged(`query,document,${head}\nleases,a.md,7`).queries).toEqual([{ query: "leases", judgements: [{ document: "a.md", relevance: 7 }] }]);
});

it("takes at most a thousand questions", () => {
  const rows = Array.from({ length: 1_001 }, (_, index) => `question ${index},a.md`).join("\n");
  expect(parseJudged(rows).problems).toEqual(["has 1001 questions; one evaluation takes at most 1000"]);
});

it("says which question of the JSON is wrong, and how", () => {
  const { queries, problems } = parseJudged('[{"query": "a", "judgements": [{"document": "x"}]}, {"judgements": []}, {"query": "c", "judgements": []}, {"query": "d", "judgements": [{"document": "x", "relevance": 101}]}, {"query": "e", "judgements": [{"relevance": 1}]}]');
  expect(queries).toHaveLength(1);
  expect(problems).toEqual(["question 2 has no `query`", "question 3 has no documents in `judgements`", "question 4 has the relevance 101, which must be a whole number from 0 to 100", "question 5 has a judgement without a `document_id` or a `document`"]);
  expect(parseJudged("[{").problems[0]).toMatch(/^is no JSON/);
  expect(parseJudged('{"questions": []}').problems).toHaveLength(1);
});

it("reads a table with or without a head, and puts the judgements of a question together", () => {
  const rows = 'how do I rotate a key?,docs/keys.md,2\nhow do I rotate a key?,7\n';
  expect(parseJudged(rows).queries).toEqual([KEYS]);
  expect(parseJudged(`grade;document;query\n2;docs/keys.md;"how do I rotate a key?"\n;7;how do I rotate a key?`).queries).toEqual([KEYS]);
  expect(parseJudged('"a ""quoted"", split\nquestion",a.md').queries).toEqual([{ query: 'a "quoted", split\nquestion', judgements: [{ document: "a.md", relevance: 1 }] }]);
});

it("says which line of a table is wrong, and how", () => {
  expect(parseJudged("query,document,relevance\nleases,,1\nleases,jobs.md,best\nleases,jobs.md,3").problems).toEqual([
    "line 2 needs a question and a document",
    "line 3 has the relevance “best”, which must be a whole number from 0 to 100",
  ]);
  expect(parseJudged('"never closed,a.md').problems).toEqual(["has a quotation mark that is never closed"]);
  expect(parseJudged("query,document").problems).toEqual(["has a head and no question"]);
  expect(parseJudged("  ").problems).toEqual(["paste at least one question"]);
});
