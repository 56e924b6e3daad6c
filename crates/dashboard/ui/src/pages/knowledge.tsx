/** The knowledge base: ask, upload, look after its documents. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { knowledge } from "../api/endpoints";
import { keys } from "../api/keys";
import { ApiProblem, messageOf } from "../api/problem";
import type { Hit, Id, KnowledgeAnswer, KnowledgeDocumentView } from "../api/schema";
import { Badge, Confirm, Empty, PageHead, Progress, Ready, When } from "../components/basics";
import { FileField, Form, SelectField, TextField, useForm } from "../components/form";
import { Filter, Pagination, SearchBox, useListState } from "../components/list";
import { options } from "../components/options";
import { useToasts } from "../components/toasts";
import { useJobProgress } from "../live/jobs";
import { marked, words } from "../lib/text";

const MODES = ["hybrid", "keyword", "vector"] as const;

export function Knowledge() {
  const categories = useQuery({ queryKey: keys.knowledge("categories"), queryFn: knowledge.categories });
  const known = categories.data?.items.map((item) => item.category) ?? [];
  return (
    <>
      <PageHead title="Knowledge" />
      <Ask categories={known} />
      <Upload categories={known} />
      <Documents categories={known} />
    </>
  );
}

function Ask({ categories }: { categories: string[] }) {
  const [answer, setAnswer] = useState<KnowledgeAnswer | null>(null);
  // The question stays in its box, so the answer is kept here and the form is left alone.
  const ask = useMutation({
    mutationFn: (form: HTMLFormElement) => {
      const data = new FormData(form);
      const text = (name: string) => String(data.get(name) ?? "").trim();
      return knowledge.query({ query: text("query"), mode: text("mode") || "hybrid", category: text("category") || undefined });
    },
    onSuccess: setAnswer,
  });
  return (
    <section className="panel" aria-labelledby="ask">
      <h2 id="ask">Search</h2>
      <Form form={ask} inputs={["query", "mode", "category"]} label="Search the knowledge base" action="Search" busy="Searching…" className="columns">
        <TextField name="query" label="Question or words" type="search" required />
        <SelectField name="mode" label="Mode" options={options(MODES)} initial="hybrid" />
        <SelectField name="category" label="Category" options={categories.map((value) => ({ value, label: value }))} empty="All" />
      </Form>
      <div aria-live="polite">{answer && <Answer answer={answer} />}</div>
    </section>
  );
}

function Answer({ answer }: { answer: KnowledgeAnswer }) {
  return (
    <>
      <p className="count">
        {answer.items.length === 1 ? "One passage" : `${answer.items.length} passages`} for “{answer.query}” · {words(answer.mode_used)} · {Math.round(answer.took_ms)} ms
      </p>
      {answer.degraded && <p className="notice busy">{answer.degraded_reason ?? "Searched by words only: the embedding model is not there."}</p>}
      {answer.items.length === 0 && <Empty title="Nothing found">Try other words, or add documents below.</Empty>}
      <ol className="hits">
        {answer.items.map((hit) => (
          <HitCard key={hit.chunk_id} hit={hit} />
        ))}
      </ol>
    </>
  );
}

function HitCard({ hit }: { hit: Hit }) {
  return (
    <li>
      <article className="panel hit">
        <h3>{hit.title}</h3>
        {hit.heading_path.length > 0 && <p className="path">{hit.heading_path.join(" › ")}</p>}
        {/* A long passage scrolls, so the keyboard must reach it. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <p className="text" tabIndex={0} role="group" aria-label={`Passage of ${hit.title}`}>
          {marked(hit.content, hit.highlights).map((piece, index) => (piece.mark ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>))}
        </p>
        <p className="hint">
          {hit.category} · {hit.url ? <a href={hit.url}>{hit.source ?? hit.url}</a> : (hit.source ?? "Uploaded")} · characters {hit.span.start}–{hit.span.end}
        </p>
      </article>
    </li>
  );
}

function Upload({ categories }: { categories: string[] }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [following, setFollowing] = useState<{ job: Id; title: string } | null>(null);
  const refresh = () => {
    for (const key of [keys.knowledge(), keys.dashboard(), keys.jobs()]) void queries.invalidateQueries({ queryKey: key });
  };
  const job = useJobProgress(following?.job ?? null, (end) => {
    if (end.status === "completed") toasts.good(`${following?.title} is searchable now.`);
    else toasts.bad(`${following?.title}: ${end.error ?? `indexing was ${end.status}`}`);
    refresh();
  });
  const form = useForm(
    (values) => {
      const file = values.file("file");
      if (!file) throw new ApiProblem(422, { detail: "Choose a file.", errors: [{ field: "file", code: "required", message: "choose a file" }] });
      return knowledge.upload({ file, category: values.text("category"), title: values.text("title"), tags: values.text("tags") });
    },
    ({ job_id, document }) => {
      if (job_id && document) setFollowing({ job: job_id, title: document.title });
      refresh();
    },
  );
  const list = useId();
  return (
    <section className="panel" aria-labelledby="upload">
      <h2 id="upload">Upload a document</h2>
      <Form form={form} inputs={["file", "category", "title", "tags"]} label="Upload a document" action="Upload" busy="Uploading…" className="columns">
        <FileField name="file" label="File" required hint="Markdown, text, HTML, PDF, Word, PowerPoint, Excel, CSV, JSON, notebooks or source code. The same name again is a new version." />
        <TextField name="category" label="Category" required list={list} />
        <TextField name="title" label="Title" hint="Read from the document when empty." />
        <TextField name="tags" label="Tags" hint="Separated by commas." />
      </Form>
      <datalist id={list}>
        {categories.map((category) => (
          <option key={category} value={category} />
        ))}
      </datalist>
      {following && job && !job.done && <Progress value={job.progress} label={`Indexing ${following.title}`} text={job.step ?? job.status} />}
    </section>
  );
}

const STATUSES = options(["pending", "indexing", "indexed", "failed"]);
const ORIGINS = options(["upload", "repository"]);

function Documents({ categories }: { categories: string[] }) {
  const state = useListState("-updated_at");
  const query = { page: state.page, limit: 20, sort: state.sort, category: state.get("category"), status: state.get("status"), origin: state.get("origin"), search: state.get("search") };
  const list = useQuery({ queryKey: keys.knowledge("documents", query), queryFn: () => knowledge.documents(query), placeholderData: (before) => before });
  const filtered = [query.category, query.status, query.origin, query.search].some((value) => value !== "");
  return (
    <section aria-labelledby="documents">
      <h2 id="documents">Documents</h2>
      <div className="filters">
        <SearchBox label="Search titles" state={state} />
        <Filter name="category" label="Category" options={categories.map((value) => ({ value, label: value }))} state={state} />
        <Filter name="status" label="Status" options={STATUSES} state={state} />
        <Filter name="origin" label="Origin" options={ORIGINS} state={state} />
      </div>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <div className="table-wrap">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Document</th>
                      <th scope="col">Category</th>
                      <th scope="col">Origin</th>
                      <th scope="col">State</th>
                      <th scope="col">Passages</th>
                      <th scope="col">Changed</th>
                      <td />
                    </tr>
                  </thead>
                  <tbody>
                    {page.items.map((document) => (
                      <Row key={document.id} document={document} />
                    ))}
                  </tbody>
                </table>
              </div>
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title={filtered ? "No document matches" : "No document yet"}>{filtered ? "Widen the filters above." : "Upload one, or synchronise a repository."}</Empty>
          )
        }
      </Ready>
    </section>
  );
}

function Row({ document }: { document: KnowledgeDocumentView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => knowledge.remove(document.id),
    onSuccess: () => {
      toasts.good(`${document.title} is deleted.`);
      for (const key of [keys.knowledge(), keys.dashboard()]) void queries.invalidateQueries({ queryKey: key });
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <tr>
      <th scope="row">
        {document.source_url ? <a href={document.source_url}>{document.title}</a> : document.title}
        <div className="hint">{document.source_path ?? document.filename}</div>
      </th>
      <td>{document.category}</td>
      <td>{words(document.origin)}</td>
      <td>
        <Badge value={document.status} />
        {document.error && <div className="field-problem">{document.error}</div>}
      </td>
      <td>{document.chunk_count}</td>
      <td>
        <When at={document.updated_at} />
      </td>
      <td>
        <div className="actions">
          <button type="button" className="danger" aria-label={`Delete ${document.title}`} onClick={() => setAsking(true)}>
            Delete
          </button>
        </div>
        {asking && (
          <Confirm title={`Delete ${document.title}?`} action="Delete" onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
            <p>It is no longer found by searches.</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}
