/** How an answer ended, told plainly: whole, without an answer, without a model, broken off. */

import { Link } from "react-router";

import type { AskEndView } from "../../api/knowledge-schema";
import { atLeast, useRole } from "../../lib/access";
import { dollars } from "../../lib/money";
import { count } from "../../lib/text";
import type { Asked } from "./asking";

export function Ending({ asked: { state, end, reason, passages } }: { asked: Asked }) {
  if (state === "stopped") return <p className="notice busy">Stopped. The model was told to stop as well; what it said until then is paid for.</p>;
  if (state === "broken") return <p className="notice bad">{reason} What is shown was checked; ask again for the whole.</p>;
  if (end === null) return null;
  return (
    <>
      <Outcome end={end} isEmpty={passages?.items.length === 0} />
      {end.model != null && <EndLine end={end} />}
    </>
  );
}

function Outcome({ end, isEmpty }: { end: AskEndView; isEmpty: boolean }) {
  const { outcome, detail, problem } = end;
  switch (outcome) {
    case "answered":
      return null;
    case "not_found":
      return (
        <p className="notice">
          <strong>No answer was found. </strong>
          {isEmpty ? "No passage matches the question, so no model was asked and nothing was spent." : "The passages do not say, or nothing that was said of them held."}
        </p>
      );
    case "no_model":
      return <NoModel detail={detail} />;
    case "incomplete":
      return (
        <p className="notice busy">
          <strong>The answer broke off. </strong>
          {detail} What is shown was checked; half a sentence is never told.
        </p>
      );
    case "failed":
      return (
        <p className="notice bad">
          <strong>No model answered. </strong>
          {detail} {problem && <code>{problem}</code>}
        </p>
      );
    default:
      return <p className="notice">It ended: {outcome}.</p>;
  }
}

function NoModel({ detail }: { detail?: string | null }) {
  const maySetUp = atLeast(useRole(), "maintainer");
  return (
    <div className="notice busy">
      <p>
        <strong>No language model writes answers here yet. </strong>
        {detail} The passages below are all there is.
      </p>
      <p>{maySetUp ? <Link to="/settings/models">Set up a language model</Link> : "A maintainer of the project can set one up."}</p>
    </div>
  );
}

/** What of it holds, who said it, and what it cost. */
function EndLine({ end }: { end: AskEndView }) {
  const parts = [
    `${count(end.supported, "statement")} supported`,
    `${end.unsupported} not supported`,
    end.dropped > 0 && `${end.dropped} left out`,
    end.model,
    `${(end.input_tokens + end.output_tokens).toLocaleString("en-US")} tokens`,
    dollars(end.cost_nano),
  ];
  return <p className="count">{parts.filter(Boolean).join(" · ")}</p>;
}
