/** One evaluation: its figures, question by question, beside the run of the same name before it. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { evaluations } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { EvaluationView, Id, MeasuresView, OutcomeView } from "../../api/schema";
import { PageHead, Ready, When } from "../../components/basics";
import { WideTable } from "../../components/table";
import { count, words } from "../../lib/text";
import { NotFound } from "../not-found";
import { Change, Figure, MEASURES } from "./measures";
import { searchAddress } from "./question";

export function EvaluationPage() {
  const number = Number(useParams().id);
  return Number.isSafeInteger(number) && number > 0 ? <OneEvaluation key={number} id={number} /> : <NotFound />;
}

function OneEvaluation({ id }: { id: Id }) {
  // What was measured once does not change.
  const one = useQuery({ queryKey: keys.knowledge("evaluation", id), queryFn: () => evaluations.get(id), staleTime: Infinity });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return <Ready query={one}>{(run) => <Detail run={run} />}</Ready>;
}

function Detail({ run }: { run: EvaluationView }) {
  const earlier = run.previous?.id ?? null;
  const before = useQuery({ queryKey: keys.knowledge("evaluation", earlier), queryFn: () => (earlier === null ? null : evaluations.get(earlier)), enabled: earlier !== null, staleTime: Infinity });
  return (
    <>
      <p>
        <Link to="/knowledge/evaluations">All evaluations</Link>
      </p>
      <PageHead title={`${run.name} #${run.id}`} />
      <p className="muted">
        {words(run.mode)} · the first {count(run.k, "document")} of each answer · {count(run.queries.length, "question")} · <When at={run.created_at} />
      </p>
      <Figures run={run} />
      <section aria-labelledby="questions">
        <h2 id="questions">Questions</h2>
        <Questions run={run} before={before.data ?? null} />
      </section>
    </>
  );
}

const MEANINGS: Record<keyof MeasuresView, string> = {
  ndcg: "How near the ranking is to the best there could be, by relevance and place.",
  recall: "The share of the documents that answer that were found.",
  mrr: "One over the place of the first document that answers.",
};

function Figures({ run }: { run: EvaluationView }) {
  return (
    <>
      <div className="grid">
        {MEASURES.map(([key, label]) => (
          <section key={key} className="panel" aria-label={label}>
            <h2>{label}</h2>
            <p className="number">{run[key].toFixed(3)}</p>
            {run.previous && (
              <p>
                {run.previous[key].toFixed(3)} before {run.difference && <Change by={run.difference[key]} />}
              </p>
            )}
            <p className="hint">{MEANINGS[key]}</p>
          </section>
        ))}
      </div>
      <p>
        {run.previous ? (
          <>
            Compared with <Link to={`/knowledge/evaluations/${run.previous.id}`}>run #{run.previous.id}</Link>.
          </>
        ) : (
          <span className="muted">The first run of this name: the next one is compared with it.</span>
        )}
      </p>
    </>
  );
}

function Questions({ run, before }: { run: EvaluationView; before: EvaluationView | null }) {
  // A question that was given a name is known by it, also when it is put in other words.
  const earlier = new Map(before?.queries.map((outcome) => [nameOf(outcome), outcome]));
  return (
    <WideTable label="Questions" className="outcomes">
      <thead>
        <tr>
          <th scope="col">Question</th>
          {MEASURES.map(([key, label]) => (
            <th key={key} scope="col">
              {label}
            </th>
          ))}
          <th scope="col">Found, best first</th>
          <th scope="col">Missed</th>
        </tr>
      </thead>
      <tbody>
        {run.queries.map((outcome, index) => (
          <Outcome key={index} outcome={outcome} mode={run.mode} before={earlier.get(nameOf(outcome)) ?? null} />
        ))}
      </tbody>
    </WideTable>
  );
}

function nameOf({ id, query }: OutcomeView): string {
  return id == null ? `query ${query}` : `id ${id}`;
}

function Outcome({ outcome, mode, before }: { outcome: OutcomeView; mode: string; before: MeasuresView | null }) {
  const { id, query, found, missed } = outcome;
  return (
    <tr>
      <th scope="row">
        <Link to={searchAddress({ q: query, mode })}>{query}</Link>
        {id != null && <div className="hint wrapped">{id}</div>}
      </th>
      {MEASURES.map(([key]) => (
        <td key={key}>
          <Figure value={outcome[key]} change={before && outcome[key] - before[key]} />
        </td>
      ))}
      <td>
        {found.length > 0 ? (
          <details>
            <summary>{count(found.length, "document")}</summary>
            <ol>
              {found.map((name, index) => (
                <li key={index} className="wrapped">
                  {name}
                </li>
              ))}
            </ol>
          </details>
        ) : (
          <span className="muted">Nothing</span>
        )}
      </td>
      <td className="wrapped">{missed.length > 0 ? missed.join(", ") : <span className="muted">–</span>}</td>
    </tr>
  );
}
