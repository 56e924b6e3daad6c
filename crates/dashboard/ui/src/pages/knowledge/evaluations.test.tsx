import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import type { EvaluationView } from "../../api/schema";
import { pageOf, Refusal, serve, show } from "../../test/stage";
import { EvaluationPage } from "./evaluation";
import { Evaluations } from "./evaluations";

const figures = (ndcg: number, recall: number, mrr: number) => ({ ndcg, recall, mrr });

function evaluation(id: number, fields: Partial<EvaluationView> = {}): EvaluationView {
  return {
    id,
    name: "support",
    mode: "hybrid",
    k: 10,
    ...figures(0.8, 1, 0.75),
    previous: { id: 1, ...figures(0.7, 1, 0.8) },
    difference: figures(0.1, 0, -0.05),
    queries: [
      { id: "keys", query: "how do I rotate a key?", ...figures(0.9, 1, 1), found: ["docs/keys.md", "docs/jobs.md"], missed: [] },
      { id: null, query: "what is a lease?", ...figures(0.7, 1, 0.5), found: [], missed: ["docs/jobs.md"] },
    ],
    created_at: "2026-11-21T11:00:00Z",
    ...fields,
  };
}

const paste = (text: string) => fireEvent.change(screen.getByLabelText(/^Questions and the documents/), { target: { value: text } });

it("asks what was pasted and shows what came of it", async () => {
  const asked = serve({ "GET /knowledge/evaluations": () => pageOf([]), "POST /knowledge/evaluations": () => evaluation(2) });
  const user = show(<Evaluations />, { at: "/knowledge/evaluations", path: "/knowledge/evaluations" });
  expect(await screen.findByText("No evaluation yet")).toBeTruthy();
  await user.type(screen.getByLabelText("Name"), "support");
  paste("query,document,relevance\nhow do I rotate a key?,docs/keys.md,2\n");
  await user.click(screen.getByRole("button", { name: "Ask the questions" }));
  await waitFor(() => expect(screen.getByLabelText("Address").textContent).toBe("/knowledge/evaluations/2"));
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ name: "support", mode: "hybrid", k: 10, queries: [{ query: "how do I rotate a key?", judgements: [{ document: "docs/keys.md", relevance: 2 }] }] });
});

it("says what of the paste cannot be understood, and asks nothing", async () => {
  const asked = serve({ "GET /knowledge/evaluations": () => pageOf([]) });
  const user = show(<Evaluations />, { at: "/knowledge/evaluations" });
  paste("leases,,1\nleases,jobs.md,best");
  await user.click(screen.getByRole("button", { name: "Ask the questions" }));
  expect(await screen.findByText(/line 1 needs a question and a document; line 2 has the relevance “best”/)).toBeTruthy();
  expect(asked.some(({ method }) => method === "POST")).toBe(false);
});

it("tells the server's problems by the question", async () => {
  const errors = [
    { field: "queries.1.judgements", code: "nothing_relevant", message: "must have a document with a relevance above 0" },
    { field: "k", code: "out_of_range", message: "must be between 1 and 50" },
  ];
  serve({ "GET /knowledge/evaluations": () => pageOf([]), "POST /knowledge/evaluations": () => new Refusal(422, { detail: "some fields are wrong", errors }) });
  const user = show(<Evaluations />, { at: "/knowledge/evaluations" });
  paste("a,x.md,1\nleases,x.md,0");
  await user.click(screen.getByRole("button", { name: "Ask the questions" }));
  expect(await screen.findByText("question 2 (“leases”) must have a document with a relevance above 0")).toBeTruthy();
  expect(screen.getByLabelText("Documents that count").getAttribute("aria-invalid")).toBe("true");
});

it("says that the mode has no model", async () => {
  serve({ "GET /knowledge/evaluations": () => pageOf([]), "POST /knowledge/evaluations": () => new Refusal(503, { title: "Unavailable", detail: "no embedding model is there" }) });
  const user = show(<Evaluations />, { at: "/knowledge/evaluations" });
  paste("a,x.md");
  await user.click(screen.getByRole("button", { name: "Ask the questions" }));
  expect((await screen.findByRole("alert")).textContent).toBe("no embedding model is there");
});

it("lists runs with what changed", async () => {
  serve({ "GET /knowledge/evaluations": () => pageOf([evaluation(2), evaluation(1, { previous: null, difference: null })]) });
  show(<Evaluations />, { at: "/knowledge/evaluations", role: "viewer" });
  const row = within(await screen.findByRole("row", { name: /support #2/ }));
  expect(row.getByText("+0.100")).toBeTruthy();
  expect(row.getByText("same")).toBeTruthy();
  expect(row.getByText("−0.050")).toBeTruthy();
  expect(screen.queryByRole("form")).toBeNull();
});

it("shows each question beside the run before", async () => {
  const before = evaluation(1, { previous: null, difference: null, queries: [{ query: "what is a lease?", ...figures(0.9, 1, 1), found: [], missed: [] }] });
  serve({ "GET /knowledge/evaluations/2": () => evaluation(2), "GET /knowledge/evaluations/1": () => before });
  show(<EvaluationPage />, { at: "/knowledge/evaluations/2", path: "/knowledge/evaluations/:id" });
  expect(within(await screen.findByRole("region", { name: "nDCG" })).getByText("+0.100")).toBeTruthy();
  const row = within(screen.getByRole("row", { name: /what is a lease/ }));
  expect(await row.findByText("−0.200")).toBeTruthy();
  expect(row.getByText("docs/jobs.md")).toBeTruthy();
  const first = within(screen.getByRole("row", { name: /rotate a key/ }));
  expect(first.queryByText(/[+−]0/)).toBeNull();
  expect(first.getByRole("link").getAttribute("href")).toBe("/knowledge/search?q=how+do+I+rotate+a+key%3F");
});

it("says what failed", async () => {
  serve({ "GET /knowledge/evaluations": () => new Refusal(503, { title: "Unavailable", detail: "the database is away" }) });
  show(<Evaluations />, { at: "/knowledge/evaluations" });
  expect((await screen.findByRole("alert")).textContent).toContain("the database is away");
});
