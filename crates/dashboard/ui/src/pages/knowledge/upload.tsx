/** Brings files into the knowledge base: one request each, so that each has its own outcome as soon as there is one. */

import { useId, useRef, useState } from "react";
import { Link } from "react-router";

import { knowledge } from "../../api/endpoints";
import { ApiProblem, messageOf } from "../../api/problem";
import { Progress } from "../../components/basics";
import { FileField, Form, TextField, useForm, type Values } from "../../components/form";
import { useCoalesced } from "../../lib/coalesce";
import { useJobProgress, type JobProgress } from "../../live/jobs";
import { documentAt } from "./places";
import { useKnowledgeChanged } from "./refresh";
import { followed, isOver, summary, type Upload as Sent } from "./uploads";

const INPUTS = ["file", "category", "title", "tags"];
/** Files that are read together are one reason to look again, in milliseconds. */
const SETTLING = 300;

function missing(field: string, message: string): ApiProblem {
  return new ApiProblem(422, { detail: message, errors: [{ field, code: "required", message }] });
}

/** Whether a refusal is about what all files share, and so about every file. */
function isShared(error: unknown): boolean {
  return error instanceof ApiProblem && error.errors.some(({ field }) => ["category", "title", "tags"].includes(field));
}

export function Upload({ categories }: { categories: string[] }) {
  const [uploads, setUploads] = useState<Sent[]>([]);
  const stopping = useRef(false);
  const next = useRef(1);
  const list = useId();
  const changed = useCoalesced(useKnowledgeChanged(), SETTLING);
  const put = (key: number, change: Partial<Sent>) => setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)));

  const sendAll = async (values: Values) => {
    const files = values.files("file");
    if (files.length === 0) throw missing("file", "choose a file");
    if (files.length > 1 && values.text("title")) throw missing("title", "can be given to one file only");
    const queue = files.map((file) => ({ file, key: next.current++ }));
    stopping.current = false;
    setUploads((all) => [...all.filter((one) => !isOver(one)), ...queue.map(({ file, key }): Sent => ({ key, name: file.name, state: "waiting", job: null, document: null, reason: null }))]);
    for (const { file, key } of queue) {
      if (stopping.current) {
        put(key, { state: "stopped" });
        continue;
      }
      put(key, { state: "sending" });
      try {
        const { job_id, document_id } = await knowledge.upload({ file, category: values.text("category"), title: values.text("title"), tags: values.text("tags") });
        put(key, { state: job_id == null ? "searchable" : "reading", job: job_id ?? null, document: document_id ?? null });
        changed();
      } catch (error) {
        if (isShared(error)) {
          const left = new Set(queue.map((one) => one.key));
          setUploads((all) => all.filter((one) => !left.has(one.key) || one.state === "reading" || isOver(one)));
          throw error;
        }
        put(key, { state: "refused", reason: messageOf(error) });
      }
    }
  };
  const form = useForm(sendAll);
  const settle = (key: number, end: JobProgress) => {
    put(key, end.status === "completed" ? { state: "searchable" } : { state: "failed", reason: end.error ?? `reading was ${end.status}` });
    changed();
  };
  const live = followed(uploads);
  const stop = (
    <button type="button" onClick={() => (stopping.current = true)}>
      Stop after this file
    </button>
  );
  return (
    <section className="panel" aria-labelledby="upload">
      <h2 id="upload">Upload documents</h2>
      <Form form={form} inputs={INPUTS} label="Upload a document" action="Upload" busy="Sending…" className="columns" extra={form.isPending && uploads.some(({ state }) => state === "waiting") && stop}>
        <FileField name="file" label="Files" required multiple hint="Markdown, text, HTML, PDF, Word, PowerPoint, Excel, CSV, JSON, notebooks or source code. The same name again is a new version." />
        <TextField name="category" label="Category" required list={list} />
        <TextField name="title" label="Title" hint="For a single file; read from the document when empty." />
        <TextField name="tags" label="Tags" hint="Separated by commas." />
      </Form>
      <datalist id={list}>
        {categories.map((category) => (
          <option key={category} value={category} />
        ))}
      </datalist>
      <p className="count" role="status">
        {summary(uploads)}
      </p>
      {uploads.length > 0 && (
        <ul className="plain-list uploads" aria-label="Uploads">
          {uploads.map((upload) => (
            <Line key={upload.key} upload={upload} follow={live.has(upload.key)} onEnd={settle} />
          ))}
        </ul>
      )}
    </section>
  );
}

const STATES: Record<Sent["state"], string> = {
  waiting: "Waits",
  sending: "Being sent…",
  reading: "Waits to be read",
  searchable: "Searchable",
  refused: "Refused",
  failed: "Not read",
  stopped: "Not sent",
};

function Line({ upload, follow, onEnd }: { upload: Sent; follow: boolean; onEnd: (key: number, end: JobProgress) => void }) {
  const { key, name, state, document, reason } = upload;
  const job = useJobProgress(follow ? upload.job : null, (last) => onEnd(key, last));
  return (
    <li>
      <span className="wrapped">{document === null ? name : <Link to={documentAt(document)}>{name}</Link>}</span>
      {job && !job.done ? (
        <Progress value={job.progress} label={`Reading ${name}`} text={job.step ?? job.status} />
      ) : (
        <span className={state === "refused" || state === "failed" ? "field-problem" : "muted"}>{reason ? `${STATES[state]}: ${reason}` : STATES[state]}</span>
      )}
    </li>
  );
}
