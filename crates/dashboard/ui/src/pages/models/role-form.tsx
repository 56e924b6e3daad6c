/** Gives a role its model and those that step in for it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";

import { llm } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { AgentView, FallbackView } from "../../api/llm-schema";
import { ApiProblem } from "../../api/problem";
import { Ready } from "../../components/basics";
import { Form, SelectField, TextField, useForm } from "../../components/form";
import { useToasts } from "../../components/toasts";

const USUAL = ["answer", "critic", "judge"];
/** The API takes so many. */
const MOST = 10;

const idOf = ({ provider, model_id }: FallbackView): string => `${provider}/${model_id}`;
const fallbackInput = (at: number): string => `fallbacks.${at}.model_id`;

/** `alias/model`: an alias has no slash, a model may. */
function modelOf(id: string): FallbackView {
  const slash = id.indexOf("/");
  return { provider: id.slice(0, slash), model_id: id.slice(slash + 1) };
}

interface Props {
  before: AgentView | null;
  onDone: () => void;
}

export function RoleForm(props: Props) {
  const models = useQuery({ queryKey: keys.llm("models"), queryFn: llm.models });
  return (
    <Ready query={models}>
      {(page) => {
        const known = page.items.filter(({ capabilities }) => capabilities.length !== 1 || capabilities[0] !== "embeddings").map(({ id }) => id);
        return known.length > 0 ? (
          <Inputs {...props} models={known} />
        ) : (
          <p className="muted">
            There is no model to choose yet: <Link to="/settings/models">add a provider</Link> first.
          </p>
        );
      }}
    </Ready>
  );
}

function Inputs({ before, onDone, models }: Props & { models: string[] }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const list = useId();
  const [fallbacks, setFallbacks] = useState(before?.fallbacks.length ?? 0);
  // A model that went meanwhile can still be seen, and is refused by its name.
  const stored = before ? [before, ...before.fallbacks].map(idOf) : [];
  const choices = [...new Set([...models, ...stored])].map((value) => ({ value, label: value }));
  const slots = Array.from({ length: fallbacks }, (_, at) => fallbackInput(at));
  const form = useForm(
    (values) => {
      const role = before?.role ?? values.text("role");
      if (role === "") throw new ApiProblem(422, { errors: [{ field: "role", code: "required", message: "name the role" }] });
      const steppingIn = slots.map((slot) => values.text(slot)).filter((id) => id !== "");
      return llm.putRole(role, { ...modelOf(values.text("model_id")), fallbacks: steppingIn.map(modelOf) });
    },
    (role) => {
      toasts.good(`The role ${role.role} is set.`);
      setFallbacks(0);
      void queries.invalidateQueries({ queryKey: keys.llm("roles") });
      onDone();
    },
  );
  const keep = (
    <button type="button" onClick={onDone}>
      Keep it as it is
    </button>
  );
  return (
    <Form form={form} inputs={["role", "model_id", ...slots]} label="Role" action={before ? "Save changes" : "Set the role"} className="columns" extra={before && keep}>
      {!before && <TextField name="role" label="Role" required list={list} hint="Lower-case letters, digits, _ and -, such as answer." />}
      <datalist id={list}>
        {USUAL.map((role) => (
          <option key={role} value={role} />
        ))}
      </datalist>
      <SelectField name="model_id" label="Model" options={choices} initial={before && idOf(before)} />
      {slots.map((slot, at) => (
        <SelectField key={slot} name={slot} label={`Steps in, ${at + 1}`} options={choices} empty="None" initial={before?.fallbacks[at] && idOf(before.fallbacks[at])} />
      ))}
      {fallbacks < MOST && (
        <div className="actions start wide">
          <button type="button" onClick={() => setFallbacks(fallbacks + 1)}>
            Add one that steps in
          </button>
        </div>
      )}
    </Form>
  );
}
