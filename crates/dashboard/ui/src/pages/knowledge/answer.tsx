/** The answer to a question: its passages, best first, and what was made of the words. */

import { Link } from "react-router";

import type { ExplanationView, Hit, KnowledgeAnswer } from "../../api/schema";
import { Empty } from "../../components/basics";
import { marked, words } from "../../lib/text";
import { documentAt } from "./places";

export function Answer({ answer, explained, onPage }: { answer: KnowledgeAnswer; explained: boolean; onPage: (page: number) => void }) {
  const first = (answer.page - 1) * answer.page_size;
  return (
    <section aria-labelledby="answer">
      <h2 id="answer">Passages</h2>
      <p className="count">
        {answer.items.length === 1 ? "One passage" : `${answer.items.length} passages`} for “{answer.query}” · {words(answer.mode_used)} · {Math.round(answer.took_ms)} ms
      </p>
      {answer.corrections.length > 0 && (
        <p className="notice">
          No passage holds {answer.corrections.map(({ word }) => `“${asked(answer.query, word)}”`).join(", ")}. Looked for{" "}
          {answer.corrections.map(({ word, instead }, index) => (
            <span key={word}>
              {index > 0 && ", "}
              <strong>{instead}</strong>
            </span>
          ))}{" "}
          instead, as the index holds it. Put a word between quotation marks to insist on it.
        </p>
      )}
      {answer.degraded && <p className="notice busy">{answer.degraded_reason ?? "Searched by words only: the embedding model is not there."}</p>}
      {answer.items.length === 0 && <Empty title="Nothing found">{answer.page > 1 ? "There are no more passages: go back a page." : "Try other words, fewer filters, or add documents."}</Empty>}
      <ol className="hits" start={first + 1}>
        {answer.items.map((hit) => (
          <HitCard key={hit.chunk_id} hit={hit} explained={explained} />
        ))}
      </ol>
      {(answer.has_prev || answer.has_next) && (
        <nav className="pagination" aria-label="Pages">
          <button type="button" disabled={!answer.has_prev} onClick={() => onPage(answer.page - 1)}>
            Previous
          </button>
          <span>Page {answer.page}</span>
          <button type="button" disabled={!answer.has_next} onClick={() => onPage(answer.page + 1)}>
            Next
          </button>
        </nav>
      )}
    </section>
  );
}

/** The word of the question that a word of the index came from: the index holds words without their endings. */
function asked(question: string, word: string): string {
  return question.split(/[^\p{L}\p{N}_]+/u).find((one) => one.toLowerCase().startsWith(word)) ?? word;
}

function HitCard({ hit, explained }: { hit: Hit; explained: boolean }) {
  return (
    <li>
      <article className="panel hit">
        <h3>
          <Link to={documentAt(hit.document_id, hit.span)}>{hit.title}</Link>
        </h3>
        {hit.heading_path.length > 0 && <p className="path">{hit.heading_path.join(" › ")}</p>}
        {/* A long passage scrolls, so the keyboard must reach it. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <p className="text" tabIndex={0} role="group" aria-label={`Passage of ${hit.title}`}>
          {marked(hit.content, hit.highlights).map((piece, index) => (piece.mark ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>))}
        </p>
        <p className="hint wrapped">
          {hit.category} · {hit.url ? <a href={hit.url}>{hit.source}</a> : hit.source} · characters {hit.span.start}–{hit.span.end}
        </p>
        {hit.duplicates.length > 0 && (
          <p className="hint">
            The same in{" "}
            {hit.duplicates.map((copy, index) => (
              <span key={copy.chunk_id}>
                {index > 0 && ", "}
                <Link to={documentAt(copy.document_id)}>{copy.title}</Link>
              </span>
            ))}
          </p>
        )}
        {explained && hit.explain && <Explanation of={hit.title} explain={hit.explain} score={hit.score} />}
      </article>
    </li>
  );
}

const figure = (value: number | null | undefined, digits: number) => (value == null ? "–" : value.toFixed(digits));

/** Place and score by each method, and the parts that add up to the score. */
function Explanation({ of, explain, score }: { of: string; explain: ExplanationView; score: number }) {
  return (
    <table className="explain" aria-label={`Why ${of} stands here`}>
      <thead>
        <tr>
          <th scope="col">By</th>
          <th scope="col">Place</th>
          <th scope="col">Score</th>
          <th scope="col">Part</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Words</th>
          <td>{explain.lexical_rank ?? "–"}</td>
          <td>{figure(explain.lexical_score, 2)}</td>
          <td>{figure(explain.lexical_part, 3)}</td>
        </tr>
        <tr>
          <th scope="row">Meaning</th>
          <td>{explain.vector_rank ?? "–"}</td>
          <td>{figure(explain.vector_score, 3)}</td>
          <td>{figure(explain.vector_part, 3)}</td>
        </tr>
        <tr>
          <th scope="row">Both</th>
          <td />
          <td />
          <td>
            <strong>{figure(score, 3)}</strong>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
