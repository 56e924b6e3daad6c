/** One run of a source: what it came to, and why single items could not be read. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { Id } from "../../api/schema";
import type { ItemErrorView, SourceRunDetailView } from "../../api/sources-schema";
import { Badge, Fact, PageHead, Ready, When } from "../../components/basics";
import { Pagination, useListState } from "../../components/list";
import { WideTable } from "../../components/table";
import { words } from "../../lib/text";
import { NotFound } from "../not-found";
import { ItemName } from "./item-name";
import { COUNTERS, tookOf } from "./runs";

export function RunPage() {
  const { id, run } = useParams();
  const [source, number] = [Number(id), Number(run)];
  const known = [source, number].every((value) => Number.isSafeInteger(value) && value > 0);
  return known ? <OneRun key={`${source} ${number}`} source={source} run={number} /> : <NotFound />;
}

function OneRun({ source, run }: { source: Id; run: Id }) {
  const state = useListState("");
  // The name is for the way back only: the run stands without it.
  const of = useQuery({ queryKey: keys.sources("one", source), queryFn: () => sources.get(source) });
  const one = useQuery({ queryKey: keys.sources("run", source, run, state.page), queryFn: () => sources.oneRun(source, run, state.page), placeholderData: (before) => before });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return (
    <>
      <p>
        <Link to={`/sources/${source}`}>{of.data?.value.name ?? "The source"}</Link>
      </p>
      <PageHead title={`Run #${run}`} />
      <Ready query={one}>
        {(found) => (
          <>
            <Outcome run={found} />
            <section aria-labelledby="errors">
              <h2 id="errors">What could not be read</h2>
              {found.errors.items.length > 0 ? (
                <>
                  <ErrorTable items={found.errors.items} />
                  <Pagination page={found.errors} state={state} />
                </>
              ) : (
                <p className="muted">No single item failed or was left out for a reason.</p>
              )}
            </section>
          </>
        )}
      </Ready>
    </>
  );
}

function Outcome({ run }: { run: SourceRunDetailView }) {
  return (
    <section className="panel" aria-labelledby="outcome">
      <h2 id="outcome">Outcome</h2>
      {run.error && <p className="notice bad wrapped">{run.error}</p>}
      <dl className="facts">
        <Fact name="State">
          <Badge value={run.status} />
        </Fact>
        <Fact name="Started">
          <When at={run.started_at} />
        </Fact>
        <Fact name="Took">{tookOf(run) ?? "–"}</Fact>
        {COUNTERS.map((name) => (
          <Fact key={name} name={words(name)}>
            {run[name]}
          </Fact>
        ))}
        <Fact name="Job">
          <Link to={`/jobs/${run.job_id}`}>#{run.job_id}</Link>
        </Fact>
      </dl>
      {run.notes.length > 0 && (
        <>
          <h3>Notes</h3>
          <ul>
            {run.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function ErrorTable({ items }: { items: ItemErrorView[] }) {
  return (
    <WideTable label="What could not be read">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Reason</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {items.map((error, index) => (
          <tr key={index}>
            <th scope="row" className="wrapped">
              <ItemName item={error.item} />
            </th>
            <td className="wrapped">{error.reason}</td>
            <td>
              <When at={error.at} />
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
