/** An answer in prose while it is spoken: what was said so far, and how it went on or ended. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { AskEndView, AskKnowledge, AskedPassagesView, StatementView } from "../../api/knowledge-schema";
import { ApiProblem, messageOf } from "../../api/problem";
import { eventsOf, jsonOf } from "../../live/sse";

export interface Asked {
  question: string;
  /** `stopped` by the person, `broken` by the network. */
  state: "speaking" | "ended" | "stopped" | "broken";
  passages: AskedPassagesView | null;
  statements: readonly StatementView[];
  end: AskEndView | null;
  /** Why it broke. */
  reason: string | null;
}

export interface Asking {
  asked: Asked | null;
  /** Ends with the answer. A refusal of the question is thrown. */
  ask: (body: AskKnowledge) => Promise<void>;
  stop: () => void;
}

const BROKEN = "The connection ended before the answer did.";

/** One question at a time. Leaving the page stops the model; what was said is there again on coming back. */
export function useAsking(): Asking {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(() => queries.getQueryData<Asked>(keys.knowledge("asked")) ?? null);
  const stopping = useRef<AbortController | null>(null);
  const stop = useCallback(() => stopping.current?.abort(), []);
  useEffect(() => stop, [stop]);
  const ask = useCallback(
    async (body: AskKnowledge) => {
      stopping.current?.abort();
      const { signal } = (stopping.current = new AbortController());
      // The project may be another one by the end.
      const key = keys.knowledge("asked");
      let now: Asked = { question: body.question, state: "speaking", passages: null, statements: [], end: null, reason: null };
      const put = (change: Partial<Asked>) => {
        now = { ...now, ...change };
        queries.setQueryData(key, now);
        setAsked(now);
      };
      try {
        const response = await knowledge.ask(body, signal);
        put({});
        if (response.body) for await (const event of eventsOf(response.body, signal)) put(changeBy(now, event));
        if (signal.aborted) put({ state: "stopped" });
        else if (now.end === null) put({ state: "broken", reason: BROKEN });
      } catch (error) {
        if (signal.aborted) put({ state: "stopped" });
        else if (error instanceof ApiProblem) throw error;
        else put({ state: "broken", reason: now.passages === null ? messageOf(error) : BROKEN });
      }
    },
    [queries],
  );
  return { asked, ask, stop };
}

/** What an event adds. Events that this page does not know add nothing. */
function changeBy(now: Asked, event: { name: string; data: string }): Partial<Asked> {
  switch (event.name) {
    case "passages":
      return { passages: jsonOf<AskedPassagesView>(event) };
    case "statement": {
      const statement = jsonOf<StatementView>(event);
      return statement ? { statements: [...now.statements, statement] } : {};
    }
    case "end": {
      const end = jsonOf<AskEndView>(event);
      return end ? { end, state: "ended" } : {};
    }
    default:
      return {};
  }
}
