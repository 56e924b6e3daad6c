/** Takes an archive in that an export wrote, and shows how far it is. */

import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { knowledge } from "../../api/endpoints";
import type { ImportedView } from "../../api/knowledge-schema";
import { ApiProblem } from "../../api/problem";
import { Progress } from "../../components/basics";
import { FileField, Form, SelectField, useForm } from "../../components/form";
import { count } from "../../lib/text";
import { eventsOf, jsonOf } from "../../live/sse";
import { useKnowledgeChanged } from "./refresh";

const STRATEGIES = [
  { value: "skip", label: "Leave them as they are" },
  { value: "overwrite", label: "Make new versions of them" },
];
const INPUTS = ["file", "strategy"];
const BROKEN = "The import broke off. What was taken in stays; send the same archive again to go on.";

interface Far {
  done: number;
  total: number;
}

/** Follows an import to its end; null when it was stopped. */
async function follow(file: File, strategy: string, signal: AbortSignal, onFar: (far: Far) => void): Promise<ImportedView | null> {
  try {
    const response = await knowledge.import(file, strategy, signal);
    if (response.body) {
      for await (const event of eventsOf(response.body, signal)) {
        const far = event.name === "progress" ? jsonOf<Far>(event) : null;
        if (far) onFar(far);
        if (event.name === "end") return jsonOf<ImportedView>(event);
        if (event.name === "error") break;
      }
    }
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof ApiProblem || !(error instanceof TypeError)) throw error;
  }
  if (signal.aborted) return null;
  throw new Error(BROKEN);
}

export function Import() {
  const [far, setFar] = useState<Far | null>(null);
  const changed = useKnowledgeChanged();
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);
  const form = useForm(async (values) => {
    const file = values.file("file");
    if (!file) throw new ApiProblem(422, { errors: [{ field: "file", code: "required", message: "choose an archive" }] });
    const { signal } = (stopping.current = new AbortController());
    setFar(null);
    try {
      return await follow(file, values.text("strategy"), signal, setFar);
    } finally {
      changed();
    }
  });
  const stop = (
    <button type="button" onClick={() => stopping.current?.abort()}>
      Stop
    </button>
  );
  return (
    <section className="panel" aria-labelledby="import">
      <h3 id="import">Import</h3>
      <p>An archive that an export wrote, of this installation or another. All of it is checked before anything is written.</p>
      <Form form={form} inputs={INPUTS} label="Import an archive" action="Import" busy={far ? "Taking in…" : "Sending and checking…"} extra={form.isPending && stop}>
        <FileField name="file" label="File" accept=".zip,application/zip" required hint="At most 2 GiB." />
        <SelectField name="strategy" label="Documents that are there with other content" options={STRATEGIES} initial="skip" />
      </Form>
      {form.isPending && far && far.total > 0 && <Progress value={Math.floor((100 * far.done) / far.total)} label="Taking documents in" text={`${far.done} of ${count(far.total, "document")}`} />}
      <div role="status">
        {form.isSuccess && form.data && <Counts counts={form.data} />}
        {form.isSuccess && form.data === null && <p className="notice busy">Stopped. What was taken in stays; the same archive again goes on.</p>}
      </div>
    </section>
  );
}

const COUNTS = [
  ["added", "added"],
  ["updated", "updated"],
  ["unchanged", "there already, the same"],
  ["skipped", "left as they were"],
] as const;

function Counts({ counts }: { counts: ImportedView }) {
  const parts = COUNTS.filter(([key]) => counts[key] > 0).map(([key, text]) => `${counts[key]} ${text}`);
  return (
    <div className="notice good">
      <p>
        {count(counts.documents, "document")}: {parts.length > 0 ? parts.join(", ") : "nothing to do"}. {count(counts.passages, "passage")} came in.
      </p>
      {counts.to_embed > 0 && (
        <p>
          The vectors of {count(counts.to_embed, "passage")} are made anew by <Link to="/jobs">jobs</Link>; until then words find them.
        </p>
      )}
    </div>
  );
}
