/** An answer in prose: its statements with their sources, what it leans on, and how it ended. */

import { Link } from "react-router";

import type { AskedPassagesView, CitationView, StatementView } from "../../api/knowledge-schema";
import { Empty } from "../../components/basics";
import type { Asked } from "./asking";
import { Ending } from "./ending";
import { documentAt } from "./places";

export function Spoken({ asked }: { asked: Asked }) {
  const { passages, statements, question, state } = asked;
  return (
    <>
      <section aria-labelledby="answer">
        <h2 id="answer">Answer</h2>
        <p className="count">“{question}”</p>
        {passages?.degraded_reason && <p className="notice busy">{passages.degraded_reason}</p>}
        <div aria-live="polite" className="spoken">
          {statements.length > 0 && (
            <div className="panel prose">
              {statements.map((statement, index) => (
                <Statement key={index} statement={statement} passages={passages} />
              ))}
            </div>
          )}
          {state === "speaking" && <p className="loading">{waiting(asked)}…</p>}
          <Ending asked={asked} />
        </div>
      </section>
      {passages && <Passages passages={passages} cited={citedBy(statements)} />}
    </>
  );
}

function waiting({ passages, statements }: Asked): string {
  if (passages === null) return "Looking for passages";
  return statements.length === 0 ? "The model reads the passages" : "The answer goes on";
}

/** Numbers of the passages that a statement truly leans on. */
function citedBy(statements: readonly StatementView[]): Set<number> {
  return new Set(statements.flatMap(({ citations }) => citations.filter(({ verified }) => verified).map(({ number }) => number)));
}

function Statement({ statement, passages }: { statement: StatementView; passages: AskedPassagesView | null }) {
  const { text, support, citations } = statement;
  const said = text.trimEnd();
  const isSupported = support !== "unsupported";
  return (
    <span className={isSupported ? "statement" : "statement unsupported"}>
      <span className="said">{said}</span>
      {citations.map((citation, index) => (
        <Citation key={index} citation={citation} passages={passages} />
      ))}
      {!isSupported && (
        <span className="why">
          {" "}
          <span className="badge bad">No source</span> <span className="hint">{faultsOf(citations)}</span>
        </span>
      )}
      {text.slice(said.length)}
    </span>
  );
}

/** Why a statement is not supported, citation by citation. */
function faultsOf(citations: readonly CitationView[]): string {
  const faults = citations.filter(({ verified }) => !verified).map((one) => `[${one.number}] ${reasonOf(one)}`);
  return faults.length > 0 ? faults.join("; ") : "It names no passage.";
}

function reasonOf({ fault, quote }: CitationView): string {
  switch (fault) {
    case "no_passage":
      return "there is no passage of this number";
    case "no_quote":
      return "it quotes no words of the passage, or too few";
    case "not_said":
      return quote ? `the passage does not say “${quote}”` : "the passage does not say so";
    default:
      return "could not be checked";
  }
}

function Citation({ citation, passages }: { citation: CitationView; passages: AskedPassagesView | null }) {
  const { number, quote, verified, document_id: document, span } = citation;
  const passage = passages?.items[number - 1];
  const label = `Source ${number}${passage ? `: ${passage.title}` : ""}${verified ? "" : ", which does not hold"}`;
  if (document == null) return <sup className="citation">[{number}]</sup>;
  return (
    <sup className="citation">
      <Link to={documentAt(document, span ?? passage?.span)} aria-label={label} title={quote ?? undefined}>
        [{number}]
      </Link>
    </sup>
  );
}

function Passages({ passages, cited }: { passages: AskedPassagesView; cited: Set<number> }) {
  return (
    <section aria-labelledby="passages">
      <h2 id="passages">What it may lean on</h2>
      {passages.items.length === 0 ? (
        <Empty title="No passage found">Try other words, another category, or add documents.</Empty>
      ) : (
        <ol className="leaned">
          {passages.items.map((hit, index) => (
            <li key={hit.chunk_id}>
              <Link to={documentAt(hit.document_id, hit.span)}>{hit.title}</Link> {cited.has(index + 1) && <span className="badge good">Cited</span>}
              {hit.heading_path.length > 0 && <div className="path wrapped">{hit.heading_path.join(" › ")}</div>}
              <details>
                <summary>Passage</summary>
                <p className="passage-text">{hit.content}</p>
              </details>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
