/** Asks a model of a provider for one token, so that one sees whether it answers. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { llm } from "../../api/endpoints";
import type { ProviderView } from "../../api/llm-schema";
import { ApiProblem, messageOf } from "../../api/problem";
import { dollars } from "../../lib/money";

export function TestButton({ provider: { id, alias, models } }: { provider: ProviderView }) {
  const [model, setModel] = useState(models[0]?.name ?? "");
  const known = models.some(({ name }) => name === model) ? model : (models[0]?.name ?? "");
  const test = useMutation({ mutationFn: () => llm.testProvider(id, known) });
  return (
    <div className="filters tried">
      <label className="filter">
        <span>Model to try</span>
        <select value={known} onChange={(event) => setModel(event.target.value)}>
          {models.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button type="button" aria-label={`Test ${alias}`} disabled={test.isPending} onClick={() => test.mutate()}>
        {test.isPending ? "Asking…" : "Test"}
      </button>
      <p role="status">
        {test.isSuccess && `${test.data.model} answered in ${test.data.latency_ms} ms, for ${dollars(test.data.cost_nano)}.`}
        {test.isError && (
          <span className="field-problem">
            {messageOf(test.error)} {test.error instanceof ApiProblem && <code>{test.error.slug}</code>}
          </span>
        )}
      </p>
    </div>
  );
}
