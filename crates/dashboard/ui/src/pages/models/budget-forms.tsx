/** Makes a budget, or changes what of one can change. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { llm, members } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { BUDGET_SCOPES, CAUSES, PERIODS, type BudgetView } from "../../api/llm-schema";
import { ApiProblem } from "../../api/problem";
import { Form, SelectField, TextField, useForm, type Values } from "../../components/form";
import { options } from "../../components/options";
import { useToasts } from "../../components/toasts";
import { dollarInput, nanoOf } from "../../lib/money";
import { useProjectId } from "../../lib/project";
import { useRights } from "./rights";

const MODES = [
  { value: "hard", label: "Refuse calls that could go beyond it" },
  { value: "soft", label: "Only tell of it" },
];
const LIMIT_HINT = "In dollars, such as 50 or 0.25.";

/** The limit in nano-dollars; one that is no amount is a problem of its input. Nothing written is for the API to refuse. */
function limitOf(values: Values): number | undefined {
  const text = values.text("limit_nano");
  const nano = text === "" ? undefined : nanoOf(text);
  if (Number.isNaN(nano)) throw new ApiProblem(422, { errors: [{ field: "limit_nano", code: "invalid", message: "must be an amount in dollars, such as 50 or 0.25" }] });
  return nano;
}

function useSaved(onDone?: () => void): (budget: BudgetView) => void {
  const queries = useQueryClient();
  const toasts = useToasts();
  return ({ name }) => {
    toasts.good(`${name} is saved.`);
    void queries.invalidateQueries({ queryKey: keys.llm("budgets") });
    onDone?.();
  };
}

export function NewBudget() {
  const [scope, setScope] = useState<string>("project");
  const saved = useSaved(() => setScope("project"));
  const form = useForm(
    (values) =>
      llm.createBudget({
        name: values.text("name"),
        scope,
        ...(scope === "user" && { user_id: values.number("user_id") }),
        ...(scope === "api_key" && { api_key_id: values.number("api_key_id") }),
        ...(scope === "cause" && { cause: values.text("cause") }),
        period: values.text("period"),
        limit_nano: limitOf(values),
        mode: values.text("mode"),
      }),
    saved,
  );
  const narrowed = scope === "project" ? [] : [scope === "cause" ? "cause" : `${scope}_id`];
  return (
    <Form form={form} inputs={["name", "limit_nano", "period", "mode", ...narrowed]} label="New budget" action="Make the budget" className="columns">
      <TextField name="name" label="Name" required />
      <div className="field">
        <label htmlFor="budget-scope">What counts</label>
        <select id="budget-scope" value={scope} onChange={(event) => setScope(event.target.value)}>
          {options(BUDGET_SCOPES).map(({ value, label }) => (
            <option key={value} value={value}>
              {value === "api_key" ? "API key" : label}
            </option>
          ))}
        </select>
      </div>
      {scope === "user" && <Account />}
      {scope === "api_key" && <TextField name="api_key_id" label="API key" type="number" step="1" min={1} required hint="Its number." />}
      {scope === "cause" && <SelectField name="cause" label="Cause" options={options(CAUSES)} />}
      <TextField name="limit_nano" label="Limit" required hint={LIMIT_HINT} />
      <SelectField name="period" label="Period" options={options(PERIODS)} initial="month" />
      <SelectField name="mode" label="At the limit" options={MODES} initial="hard" />
    </Form>
  );
}

function Account() {
  const project = useProjectId() ?? 0;
  const { mayManage } = useRights();
  const query = { limit: 100 };
  const list = useQuery({ queryKey: keys.members("choices", query), queryFn: () => members.list(project, query), enabled: mayManage });
  return <SelectField key={String(list.isSuccess)} name="user_id" label="Account" options={(list.data?.items ?? []).map(({ user_id, email }) => ({ value: String(user_id), label: email }))} />;
}

/** Its scope and period stay: another budget is made for others. */
export function ChangeBudget({ before, onDone }: { before: BudgetView; onDone: () => void }) {
  const saved = useSaved(onDone);
  const form = useForm((values) => llm.updateBudget(before.id, { name: values.text("name"), limit_nano: limitOf(values), mode: values.text("mode") }, `"${before.version}"`), saved);
  const keep = (
    <button type="button" onClick={onDone}>
      Keep it as it is
    </button>
  );
  return (
    <Form form={form} inputs={["name", "limit_nano", "mode"]} label="Change budget" action="Save changes" className="columns" extra={keep}>
      <TextField name="name" label="Name" required initial={before.name} />
      <TextField name="limit_nano" label="Limit" required hint={LIMIT_HINT} initial={dollarInput(before.limit_nano)} />
      <SelectField name="mode" label="At the limit" options={MODES} initial={before.mode} />
    </Form>
  );
}
