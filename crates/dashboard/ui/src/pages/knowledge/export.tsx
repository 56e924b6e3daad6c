/** The whole knowledge base as one file. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem, messageOf, Unreachable } from "../../api/problem";
import { ErrorNotice } from "../../components/basics";
import { nameOf, received, save } from "../../lib/save";
import { bytes, count } from "../../lib/text";

/** From so many passages on a browser should not hold the archive in its memory. */
const MANY = 20_000;
const COMMAND = "commandcenter knowledge export knowledge.zip";

/** What went wrong, said so that nobody keeps half an archive. */
function told(error: unknown): Error {
  if (error instanceof ApiProblem || error instanceof Unreachable) return error;
  return new Error(`The download broke off, and nothing was saved: ${messageOf(error)}`);
}

export function Export() {
  const [size, setSize] = useState(0);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);
  const collections = useQuery({ queryKey: keys.knowledge("collections"), queryFn: knowledge.collections });
  const passages = (collections.data?.items ?? []).reduce((sum, one) => sum + one.chunk_count, 0);
  const download = useMutation({
    mutationFn: async () => {
      const { signal } = (stopping.current = new AbortController());
      setSize(0);
      try {
        const response = await knowledge.export(signal);
        save(await received(response, setSize), nameOf(response, "knowledge.zip"));
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        throw told(error);
      }
    },
  });
  return (
    <section className="panel" aria-labelledby="export">
      <h3 id="export">Export</h3>
      <p>Every document that answers, with its text, passages and vectors, as one ZIP.</p>
      {passages >= MANY && (
        <p className="notice busy">
          There are {count(passages, "passage")}: the browser holds the whole archive in memory until it is saved. The command line writes it straight to the disk.
        </p>
      )}
      <p className="hint">
        From a shell: <code className="wrapped">{COMMAND}</code>
      </p>
      {download.isError && <ErrorNotice error={download.error} />}
      <div className="actions start">
        <button type="button" disabled={download.isPending} onClick={() => download.mutate()}>
          {download.isPending ? "Downloading…" : "Download the archive"}
        </button>
        {download.isPending && (
          <button type="button" onClick={() => stopping.current?.abort()}>
            Stop
          </button>
        )}
      </div>
      <p className="count" role="status">
        {download.isSuccess && (download.data ? `${bytes(size)} are saved.` : "Stopped: nothing is saved.")}
      </p>
      {download.isPending && size > 0 && <p className="count">{bytes(size)} so far</p>}
    </section>
  );
}
