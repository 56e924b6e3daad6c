/** The models of a provider's form: one group of inputs each. */

import { useRef, useState } from "react";

import { CAPABILITIES, type PricedModelView } from "../../api/llm-schema";
import { CheckField, TextField } from "../../components/form";
import { dollarInput } from "../../lib/money";
import { words } from "../../lib/text";
import { modelInput } from "./provider-body";

interface Row {
  key: number;
  model: PricedModelView | null;
}

export interface ModelRows {
  all: readonly Row[];
  add: () => void;
  remove: (key: number) => void;
}

/** The groups of a form; a new provider begins with one. */
export function useModelRows(models: readonly PricedModelView[]): ModelRows {
  const [all, setAll] = useState<Row[]>(() => (models.length > 0 ? models.map((model, key) => ({ key, model })) : [{ key: 0, model: null }]));
  const next = useRef(Math.max(1, models.length));
  return {
    all,
    add: () => {
      const key = next.current++;
      setAll((rows) => [...rows, { key, model: null }]);
    },
    remove: (gone) => setAll((rows) => rows.filter(({ key }) => key !== gone)),
  };
}

export function ModelFields({ rows }: { rows: ModelRows }) {
  return (
    <>
      {rows.all.map(({ key, model }, at) => (
        <fieldset key={key}>
          <legend>Model {at + 1}</legend>
          <TextField name={modelInput(at, "name")} label="Name at the provider" required initial={model?.name} />
          <Price at={at} field="input_nano_per_million" label="Dollars per million tokens in" nano={model?.input_nano_per_million} />
          <Price at={at} field="output_nano_per_million" label="Dollars per million tokens out" nano={model?.output_nano_per_million} />
          <Price at={at} field="cached_nano_per_million" label="Dollars per million from its cache" nano={model?.cached_nano_per_million} hint="As tokens in when empty." />
          <TextField name={modelInput(at, "context_window")} label="Tokens it can hold" type="number" step="1" min={1} initial={model?.context_window ?? 128_000} />
          <TextField name={modelInput(at, "max_output_tokens")} label="Tokens of one answer" type="number" step="1" min={1} initial={model?.max_output_tokens ?? 4_096} />
          {CAPABILITIES.map((one) => (
            <CheckField key={one} name={modelInput(at, one)} label={words(one)} initial={model?.capabilities.includes(one)} />
          ))}
          <div className="actions wide">
            <button type="button" aria-label={`Remove model ${at + 1}`} onClick={() => rows.remove(key)}>
              Remove
            </button>
          </div>
        </fieldset>
      ))}
      <div className="actions start wide">
        <button type="button" onClick={rows.add}>
          Add a model
        </button>
      </div>
    </>
  );
}

function Price({ at, field, label, nano, hint }: { at: number; field: string; label: string; nano?: number | null; hint?: string }) {
  return <TextField name={modelInput(at, field)} label={label} initial={dollarInput(nano)} hint={hint} />;
}
