import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import type { KnowledgeAnswer } from "../../api/schema";
import { hit } from "../../test/knowledge";
import { source } from "../../test/sources";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { Search } from "./search";

const answer = (fields: Partial<KnowledgeAnswer> = {}): KnowledgeAnswer => ({
  query: "heron",
  mode_used: "hybrid",
  degraded: false,
  degraded_reason: null,
  corrections: [],
  took_ms: 4,
  page: 1,
  page_size: 10,
  has_next: false,
  has_prev: false,
  items: [hit(1)],
  ...fields,
});

function server(reply: (asked: Asked) => unknown = () => answer()) {
  return serve({
    "POST /knowledge/query": reply,
    "GET /knowledge/categories": () => ({ items: [{ category: "notes", document_count: 1 }] }),
    "GET /knowledge/collections": () => ({ items: [{ name: "uploads", origin: "upload", document_count: 1, chunk_count: 1 }, { name: "octo/hello", origin: "repository", repository_id: 7, document_count: 1, chunk_count: 1 }] }),
    "GET /technologies": () => pageOf([{ id: 5, title: "Sensors" }]),
    "GET /ingestion/sources": () => pageOf([source(3)]),
  });
}

const questions = (asked: Asked[]) => asked.filter(({ path }) => path === "/knowledge/query").map(({ body }) => body);
const open = (at: string) => show(<Search />, { at, path: "/knowledge/search" });
const address = () => screen.getByLabelText("Address").textContent;

it("asks what the address holds", async () => {
  const asked = server();
  open("/knowledge/search?q=heron&mode=keyword&category=notes&repository=7&tags=birds,+towers&explain=on&page=2");
  await screen.findByRole("article");
  expect(questions(asked)).toEqual([{ query: "heron", page: 2, limit: 10, mode: "keyword", category: "notes", repository_id: 7, tags: ["birds", "towers"], explain: true }]);
  await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Repository").selectedOptions[0]?.textContent).toBe("octo/hello"));
});

it("narrows to a source and to a language", async () => {
  const asked = server();
  const user = open("/knowledge/search?q=heron&source=3&language=en");
  await screen.findByRole("article");
  expect(questions(asked)).toEqual([{ query: "heron", page: 1, limit: 10, mode: "hybrid", source_id: 3, language: "en" }]);
  await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Source").selectedOptions[0]?.textContent).toBe("The handbook"));
  await user.clear(screen.getByLabelText("Language"));
  await user.type(screen.getByLabelText("Language"), "rust");
  await user.click(screen.getByRole("button", { name: "Search" }));
  await waitFor(() => expect(address()).toBe("/knowledge/search?q=heron&source=3&language=rust"));
});

it("leads from a hit to its document, at the passage", async () => {
  server(() => answer({ items: [hit(1, { duplicates: [{ chunk_id: 3, document_id: 13, title: "Copy", source: "copy.md" }] })] }));
  open("/knowledge/search?q=heron");
  const article = within(await screen.findByRole("article"));
  expect(article.getByRole("link", { name: "Field notes" }).getAttribute("href")).toBe("/knowledge/documents/12?start=40&end=58");
  expect(article.getByText("Birds › Herons")).toBeTruthy();
  expect(article.getByText("heron", { selector: "mark" })).toBeTruthy();
  expect(article.getByRole("link", { name: "Copy" }).getAttribute("href")).toBe("/knowledge/documents/13");
});

it("says which word it took for another, and what it could not do", async () => {
  server(() => answer({ query: "where do Herrones nest", corrections: [{ word: "herron", instead: "heron" }], degraded: true, degraded_reason: "no embedding model" }));
  open("/knowledge/search?q=herron");
  expect(await screen.findByText("heron", { selector: "strong" })).toBeTruthy();
  expect(screen.getByText(/No passage holds “Herrones”/)).toBeTruthy();
  expect(screen.getByText("no embedding model")).toBeTruthy();
});

it("explains a hit where that is asked for", async () => {
  const explain = { lexical_rank: 1, lexical_score: 7.125, lexical_part: 0.5, vector_rank: null, vector_score: null, vector_part: 0.25 };
  server(() => answer({ items: [hit(1, { explain })] }));
  open("/knowledge/search?q=heron&explain=on");
  const table = within(await screen.findByRole("table", { name: "Why Field notes stands here" }));
  expect(table.getAllByRole("row").map((row) => row.textContent)).toEqual(["ByPlaceScorePart", "Words17.130.500", "Meaning––0.250", "Both0.750"]);
});

it("asks again with other filters, and keeps the focus", async () => {
  const asked = server();
  const user = open("/knowledge/search?q=heron");
  await screen.findByRole("article");
  await user.selectOptions(screen.getByLabelText("Origin"), "source");
  await user.click(screen.getByRole("checkbox", { name: /Explain/ }));
  const button = screen.getByRole("button", { name: "Search" });
  await user.click(button);
  await waitFor(() => expect(address()).toBe("/knowledge/search?q=heron&origin=source&explain=on"));
  expect(questions(asked).at(-1)).toMatchObject({ query: "heron", origin: "source", explain: true, page: 1 });
  expect(globalThis.document.activeElement).toBe(button);
});

it("turns pages", async () => {
  const asked = server(({ body }) => answer({ page: (body as { page: number }).page, has_next: true }));
  const user = open("/knowledge/search?q=heron");
  await user.click(await screen.findByRole("button", { name: "Next" }));
  await waitFor(() => expect(address()).toBe("/knowledge/search?q=heron&page=2"));
  expect(questions(asked).at(-1)).toMatchObject({ page: 2 });
});

it("says what to ask before a question, and what to do without an answer", async () => {
  const asked = server(() => answer({ items: [] }));
  const user = open("/knowledge/search");
  expect(screen.getByText("Ask something")).toBeTruthy();
  expect(questions(asked)).toEqual([]);
  await user.type(screen.getByLabelText(/^Question or words/), "xyzzy{Enter}");
  expect(await screen.findByText("Nothing found")).toBeTruthy();
});

it("says what failed and tries again", async () => {
  let away = true;
  server(() => (away ? new Refusal(422, { detail: "a field is wrong", errors: [{ field: "diversity", code: "out_of_range", message: "must be between 0 and 1" }] }) : answer()));
  const user = open("/knowledge/search?q=heron&diversity=7");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("diversity: must be between 0 and 1");
  away = false;
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("article")).toBeTruthy();
});
