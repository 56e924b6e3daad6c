import { act, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";

import type { AskEndView, StatementView } from "../../api/knowledge-schema";
import { hit } from "../../test/knowledge";
import { Refusal, serve, show, type Asked } from "../../test/stage";
import { bodyOf, speaker, written } from "../../test/streams";
import { Ask } from "./ask";

const PASSAGES = { mode_used: "hybrid", degraded_reason: null, items: [hit(1), hit(2, { document_id: 13, title: "Towers", span: { start: 5, end: 50 } })] };
const held: StatementView = { text: "The 🦩 heron nests. ", support: "supported", citations: [{ number: 1, quote: "heron nests", verified: true, document_id: 12, chunk_id: 1, span: { start: 46, end: 57 }, fault: null }] };
const invented: StatementView = {
  text: "It sings at dawn.",
  support: "unsupported",
  citations: [
    { number: 2, quote: "sings at dawn", verified: false, document_id: 13, chunk_id: 2, span: null, fault: "not_said" },
    { number: 9, quote: "at dawn it", verified: false, document_id: null, chunk_id: null, span: null, fault: "no_passage" },
  ],
};
const end = (fields: Partial<AskEndView> = {}): AskEndView => ({ outcome: "answered", problem: null, detail: null, model: "local/llama", supported: 1, unsupported: 1, dropped: 0, input_tokens: 1_200, output_tokens: 40, cost_nano: 1_230_000, ...fields });

const server = (reply: (asked: Asked) => unknown) => serve({ "POST /knowledge/ask": reply, "GET /knowledge/categories": () => ({ items: [{ category: "notes", document_count: 1 }] }) });
const stream = (...events: [string, unknown][]) => () => new Response(bodyOf(written(...events), 7));

async function ask(role = "member") {
  const user = show(<Ask />, { at: "/knowledge/ask", path: "/knowledge/ask", role });
  await user.type(screen.getByLabelText(/^Question/), "Where do herons nest?");
  await user.click(screen.getByRole("button", { name: "Ask" }));
  return user;
}

it("shows each statement with its sources, and says of each what does not hold", async () => {
  const asked = server(stream(["passages", PASSAGES], ["statement", held], ["statement", invented], ["statement", { text: "\n\nNobody knows.", support: "unsupported", citations: [] }], ["end", end({ unsupported: 2 })]));
  await ask();
  expect(await screen.findByText("1 statement supported · 2 not supported · local/llama · 1,240 tokens · $0.00123")).toBeTruthy();
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ question: "Where do herons nest?", policy: "mark", limit: 8 });
  expect(asked.find(({ method }) => method === "POST")?.headers.get("x-project-id")).toBe("7");
  expect(screen.getByText("The 🦩 heron nests.", { selector: ".said" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Source 1: Field notes" }).getAttribute("href")).toBe("/knowledge/documents/12?start=46&end=57");
  expect(screen.getByRole("link", { name: "Source 2: Towers, which does not hold" }).getAttribute("href")).toBe("/knowledge/documents/13?start=5&end=50");
  expect(screen.getByText("[2] the passage does not say “sings at dawn”; [9] there is no passage of this number")).toBeTruthy();
  expect(screen.getByText("It names no passage.")).toBeTruthy();
  expect(screen.getAllByText("No source")).toHaveLength(2);
  expect(screen.getAllByText("Cited")).toHaveLength(1);
});

it("tells statements as they come, politely, and stops when asked to", async () => {
  const live = speaker();
  server(() => live.response);
  const user = await ask();
  act(() => live.say(written(["passages", PASSAGES], ["statement", held]) + 'event: statement\ndata: {"text": "Half'));
  const said = await screen.findByText("The 🦩 heron nests.", { selector: ".said" });
  expect(said.closest("[aria-live=polite]")).toBeTruthy();
  expect(screen.queryByText(/Half/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(await screen.findByText(/^Stopped\./)).toBeTruthy();
  expect(live.isCancelled()).toBe(true);
  expect(screen.getByRole("button", { name: "Ask" })).toBeTruthy();
});

it("says that the connection broke before the end", async () => {
  server(stream(["passages", PASSAGES], ["statement", held]));
  await ask();
  expect(await screen.findByText(/The connection ended before the answer did/)).toBeTruthy();
});

it("leads maintainers to the settings while there is no model, and tells others whom to ask", async () => {
  const none = stream(["passages", PASSAGES], ["end", end({ outcome: "no_model", problem: "llm-not-configured", detail: "Set a provider up.", model: null })]);
  server(none);
  await ask("maintainer");
  expect((await screen.findByRole("link", { name: "Set up a language model" })).getAttribute("href")).toBe("/settings/models");
});

it("tells members whom to ask for a model", async () => {
  server(stream(["passages", PASSAGES], ["end", end({ outcome: "no_model", detail: "Set a provider up.", model: null })]));
  await ask();
  expect(await screen.findByText("A maintainer of the project can set one up.")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "Set up a language model" })).toBeNull();
});

it.each([
  [{ outcome: "not_found", supported: 0, unsupported: 0, dropped: 3 }, /nothing that was said of them held/],
  [{ outcome: "incomplete", detail: "length: the answer was cut." }, /The answer broke off\. length: the answer was cut\./],
  [{ outcome: "failed", problem: "provider-timeout", detail: "local did not answer." }, /No model answered\. local did not answer\. provider-timeout/],
])("says how it ended: %o", async (fields, words) => {
  server(stream(["passages", PASSAGES], ["end", end(fields)]));
  await ask();
  expect(await screen.findByText((_, element) => element?.className.startsWith("notice") === true && words.test(element.textContent ?? ""))).toBeTruthy();
});

it("says that nothing was found and nothing spent", async () => {
  server(stream(["passages", { ...PASSAGES, items: [] }], ["end", end({ outcome: "not_found", model: null, supported: 0, unsupported: 0, cost_nano: 0 })]));
  await ask();
  expect(await screen.findByText(/no model was asked and nothing was spent/)).toBeTruthy();
});

it("shows a refusal beside its input", async () => {
  server(() => new Refusal(422, { detail: "a field is wrong", errors: [{ field: "question", code: "required", message: "must not be empty" }] }));
  await ask();
  expect(await screen.findByText("must not be empty")).toBeTruthy();
  await waitFor(() => expect(screen.getByLabelText(/^Question/).getAttribute("aria-invalid")).toBe("true"));
});
