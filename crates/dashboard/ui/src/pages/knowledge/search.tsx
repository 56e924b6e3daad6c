/** Search: a question with every filter, in an address that can be shared and gone back to. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useNavigate, useNavigationType, useSearchParams } from "react-router";

import { knowledge, sources, technologies } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { formProblem } from "../../api/problem";
import { DOCUMENT_ORIGINS, SEARCH_MODES } from "../../api/schema";
import { Empty, ErrorNotice, Loading, PageHead } from "../../components/basics";
import { CheckField, Form, SelectField, TextField } from "../../components/form";
import { options } from "../../components/options";
import { Answer } from "./answer";
import { useCategories } from "./categories";
import { Places } from "./places";
import { bodyOf, NARROWING, PARTS, questionOf, searchAddress, type Question } from "./question";

/** Marks the addresses that this page itself went to: its form holds them already. */
const OWN = { state: { own: true } };

/** A key for the form: a new one for an address that did not come from it, such as by going back. The focus stays where it is otherwise. */
function useFormOfAddress(): string {
  const { key, state }: { key: string; state: unknown } = useLocation();
  const type = useNavigationType();
  const own = type === "PUSH" && typeof state === "object" && state !== null && "own" in state;
  const [foreign, setForeign] = useState(key);
  if (!own && key !== foreign) setForeign(key);
  return foreign;
}

export function Search() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const form = useFormOfAddress();
  const question = questionOf((name) => params.get(name));
  const number = Number(params.get("page"));
  const page = Number.isSafeInteger(number) && number > 0 ? number : 1;
  const body = bodyOf(question, page);
  const answer = useQuery({ queryKey: keys.knowledge("query", body), queryFn: () => (body ? knowledge.query(body) : null), enabled: body !== null, placeholderData: (before) => before });
  return (
    <>
      <PageHead title="Search" />
      <Places />
      <section className="panel" aria-label="Question">
        <QuestionForm key={form} question={question} />
      </section>
      {body === null && <Empty title="Ask something">A question in your own words, or words that the documents hold. What stands between quotation marks must be found as it is.</Empty>}
      {answer.isError && <ErrorNotice error={new Error(formProblem(answer.error, []).form ?? "")} onRetry={() => void answer.refetch()} />}
      {answer.isLoading && <Loading what="Searching" />}
      <div aria-live="polite" className="answer">{body !== null && answer.data && !answer.isError && <Answer answer={answer.data} explained={body.explain === true} onPage={(next) => void navigate(searchAddress(question, next), OWN)} />}</div>
    </>
  );
}

function QuestionForm({ question }: { question: Question }) {
  const navigate = useNavigate();
  const categories = useCategories();
  const collections = useQuery({ queryKey: keys.knowledge("collections"), queryFn: knowledge.collections });
  const query = { limit: 100, sort: "title" };
  const known = useQuery({ queryKey: keys.technologies("choices", query), queryFn: () => technologies.list(query) });
  const bringers = useQuery({ queryKey: keys.sources("choices", query), queryFn: () => sources.list({ limit: 100, sort: "name" }) });
  // The answer belongs to the address, so that asking is going there.
  const ask = useMutation({
    mutationFn: (form: HTMLFormElement) => {
      const data = new FormData(form);
      const said = (name: string) => String(data.get(name) ?? "").trim();
      return Promise.resolve(searchAddress(Object.fromEntries(PARTS.map((part) => [part, said(part)]))));
    },
    onSuccess: (address) => void navigate(address, OWN),
  });
  const repositories = (collections.data?.items ?? []).flatMap(({ name, repository_id: id }) => (id == null ? [] : [{ value: String(id), label: name }]));
  const chosen = (list: { value: string; label: string }[], value: string | undefined) => (!value || list.some((one) => one.value === value) ? list : [...list, { value, label: value }]);
  // A select that gets its choices later forgets what was chosen, unless it begins anew.
  const arrived = `${categories.length} ${collections.isSuccess} ${known.isSuccess} ${bringers.isSuccess}`;
  return (
    <Form form={ask} inputs={[...PARTS]} label="Search the knowledge base" action="Search" busy="Searching…" className="columns">
      <TextField name="q" label="Question or words" type="search" required initial={question.q} />
      <SelectField name="mode" label="Mode" options={options(SEARCH_MODES)} initial={question.mode ?? "hybrid"} />
      <SelectField key={`category ${arrived}`} name="category" label="Category" options={chosen(categories.map((value) => ({ value, label: value })), question.category)} empty="All" initial={question.category} />
      <details className="wide" open={NARROWING.some((part) => question[part])}>
        <summary>More filters</summary>
        <div className="columns-inside">
          <SelectField name="origin" label="Origin" options={options(DOCUMENT_ORIGINS)} empty="All" initial={question.origin} />
          <SelectField key={`repository ${arrived}`} name="repository" label="Repository" options={chosen(repositories, question.repository)} empty="All" initial={question.repository} />
          <SelectField
            key={`source ${arrived}`}
            name="source"
            label="Source"
            options={chosen((bringers.data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: name })), question.source)}
            empty="All"
            initial={question.source}
          />
          <SelectField
            key={`technology ${arrived}`}
            name="technology"
            label="Technology"
            options={chosen((known.data?.items ?? []).map(({ id, title }) => ({ value: String(id), label: title })), question.technology)}
            empty="All"
            initial={question.technology}
          />
          <TextField name="language" label="Language" hint="Such as en, or rust for source code." initial={question.language} />
          <TextField name="tags" label="Tags" hint="Separated by commas; a document must have all of them." initial={question.tags} />
          <TextField name="path" label="Path begins with" hint="In its repository, else the file's name." initial={question.path} />
          <TextField name="since" label="Changed from" type="date" initial={question.since} />
          <TextField name="until" label="Changed before" type="date" initial={question.until} />
          <SelectField name="group" label="Further passages of a document" options={GROUPS} initial={question.group ?? "document"} />
          <TextField name="diversity" label="Diversity" type="number" min={0} max={1} step="0.1" hint="0 to 1: how much unlike hits go first. 0.3 is a good start." initial={question.diversity} />
        </div>
      </details>
      <CheckField name="explain" label="Explain why each hit stands where it stands" initial={Boolean(question.explain)} />
    </Form>
  );
}

const GROUPS = [
  { value: "document", label: "After all documents" },
  { value: "passage", label: "Wherever they rank" },
];
