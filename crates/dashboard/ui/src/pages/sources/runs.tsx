/** The runs of a source, newest first, with what each came to. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { Id } from "../../api/schema";
import type { SourceRunView } from "../../api/sources-schema";
import { Badge, Ready, When } from "../../components/basics";
import { Pagination } from "../../components/list";
import { WideTable } from "../../components/table";
import { duration } from "../../lib/text";

/** What a run counts, in the order that people read it. */
export const COUNTERS = ["added", "updated", "unchanged", "gone", "failed", "skipped"] as const;

export function Runs({ source }: { source: Id }) {
  const [page, setPage] = useState(1);
  const list = useQuery({ queryKey: keys.sources("runs", source, page), queryFn: () => sources.runs(source, page), placeholderData: (before) => before });
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <Ready query={list}>
        {(found) =>
          found.items.length > 0 ? (
            <>
              <RunTable items={found.items} />
              <Pagination page={found} onPage={setPage} />
            </>
          ) : (
            <p className="muted">It was not read yet.</p>
          )
        }
      </Ready>
    </section>
  );
}

function RunTable({ items }: { items: SourceRunView[] }) {
  return (
    <WideTable label="Runs" className="runs">
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">Outcome</th>
          <th scope="col">Added</th>
          <th scope="col">Updated</th>
          <th scope="col">Unchanged</th>
          <th scope="col">Gone</th>
          <th scope="col">Failed</th>
          <th scope="col">Skipped</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {items.map((run) => (
          <tr key={run.id}>
            <th scope="row">
              <Link to={`/sources/${run.source_id}/runs/${run.id}`}>#{run.id}</Link>
              <div className="hint">
                <When at={run.started_at} />
              </div>
            </th>
            <td>
              <Badge value={run.status} />
              {run.error && <div className="field-problem clipped">{run.error}</div>}
            </td>
            {COUNTERS.map((name) => (
              <td key={name} className={name === "failed" && run.failed > 0 ? "field-problem" : undefined}>
                {run[name]}
              </td>
            ))}
            <td>{tookOf(run) ?? <span className="muted">–</span>}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

/** How long a run took; null for one that is under way. */
export function tookOf({ started_at, finished_at }: Pick<SourceRunView, "started_at" | "finished_at">): string | null {
  return finished_at ? duration((Date.parse(finished_at) - Date.parse(started_at)) / 1000) : null;
}
