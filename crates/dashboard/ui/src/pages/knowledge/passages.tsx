/** The passages that a document was cut into, in order. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { ChunkView, Id } from "../../api/schema";
import { Ready } from "../../components/basics";
import { Pagination } from "../../components/list";
import { documentAt } from "./places";

export function Passages({ document }: { document: Id }) {
  const [page, setPage] = useState(1);
  const list = useQuery({ queryKey: keys.knowledge("chunks", document, page), queryFn: () => knowledge.chunks(document, page), placeholderData: (before) => before });
  return (
    <section aria-labelledby="passages">
      <h2 id="passages">Passages</h2>
      <Ready query={list}>
        {(found) =>
          found.items.length > 0 ? (
            <>
              <ol className="hits">
                {found.items.map((chunk) => (
                  <Passage key={chunk.id} document={document} chunk={chunk} />
                ))}
              </ol>
              <Pagination page={found} onPage={setPage} />
            </>
          ) : (
            <p className="muted">None: it was not read yet.</p>
          )
        }
      </Ready>
    </section>
  );
}

function Passage({ document, chunk }: { document: Id; chunk: ChunkView }) {
  const { ordinal, heading_path: path, content, span, token_count: tokens, embedded } = chunk;
  return (
    <li>
      <details className="panel">
        <summary>
          {ordinal + 1}. {path.length > 0 ? path.join(" › ") : content.slice(0, 80)}
        </summary>
        <p className="wrapped passage">{content}</p>
        <p className="hint">
          <Link to={documentAt(document, span)}>Show in the text</Link> · characters {span.start}–{span.end} · {tokens} tokens · {embedded ? "found by words and by meaning" : "found by words only"}
        </p>
      </details>
    </li>
  );
}
