/** Budgets: what may be spent, and what was. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { llm } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { BudgetView } from "../../api/llm-schema";
import { Badge, Empty, PageHead, Progress, Ready, When } from "../../components/basics";
import { DeleteButton } from "../../components/delete";
import { Pagination, useListState } from "../../components/list";
import { WideTable } from "../../components/table";
import { dollars } from "../../lib/money";
import { words } from "../../lib/text";
import { ChangeBudget, NewBudget } from "./budget-forms";
import { FormHead } from "./form-head";
import { Places } from "./places";
import { useRights } from "./rights";

export function Budgets() {
  const { mayManage } = useRights();
  const state = useListState("");
  const [changing, setChanging] = useState<BudgetView | null>(null);
  const query = { page: state.page, limit: 20 };
  const list = useQuery({ queryKey: keys.llm("budgets", query), queryFn: () => llm.budgets(query), placeholderData: (before) => before });
  return (
    <>
      <PageHead title="Budgets" />
      <Places />
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <BudgetTable items={page.items} onChange={setChanging} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title="No budget yet">Without one, nothing bounds what the project spends on language models.</Empty>
          )
        }
      </Ready>
      {mayManage && (
        <section className="panel" aria-labelledby="budget">
          <FormHead id="budget" title={changing ? `Change ${changing.name}` : "New budget"} isCalled={changing !== null} />
          {changing ? <ChangeBudget key={`${changing.id} ${changing.version}`} before={changing} onDone={() => setChanging(null)} /> : <NewBudget />}
        </section>
      )}
    </>
  );
}

function BudgetTable({ items, onChange }: { items: BudgetView[]; onChange: (budget: BudgetView) => void }) {
  return (
    <WideTable label="Budgets">
      <thead>
        <tr>
          <th scope="col">Budget</th>
          <th scope="col">Counts</th>
          <th scope="col">Spent</th>
          <th scope="col">At the limit</th>
          <th scope="col">Starts again</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {items.map((budget) => (
          <Row key={budget.id} budget={budget} onChange={onChange} />
        ))}
      </tbody>
    </WideTable>
  );
}

/** What counts against a budget, in words. */
function countedBy({ scope, user_id, api_key_id, cause }: BudgetView): string {
  switch (scope) {
    case "user":
      return `What account #${user_id} spends`;
    case "api_key":
      return `What API key #${api_key_id} spends`;
    case "cause":
      return `What is spent for: ${words(cause ?? "").toLowerCase()}`;
    default:
      return "Everything the project spends";
  }
}

const PERIODS: Record<string, string> = { day: "by day", month: "by month", total: "in all" };

function Row({ budget, onChange }: { budget: BudgetView; onChange: (budget: BudgetView) => void }) {
  const queries = useQueryClient();
  const { mayManage } = useRights();
  const { id, name, period, mode, spent_nano, reserved_nano, limit_nano, resets_at } = budget;
  const share = limit_nano > 0 ? Math.floor((100 * spent_nano) / limit_nano) : 100;
  return (
    <tr>
      <th scope="row">
        {name} {spent_nano >= limit_nano && <Badge value="error" label="Used up" />}
        <div className="hint">{PERIODS[period] ?? period}</div>
      </th>
      <td>{countedBy(budget)}</td>
      <td className="spent">
        <Progress value={Math.min(share, 100)} label={`Spent of ${name}`} text={`${dollars(spent_nano)} of ${dollars(limit_nano)}`} />
        {reserved_nano > 0 && <div className="hint">{dollars(reserved_nano)} held for calls under way</div>}
      </td>
      <td>{mode === "hard" ? "Calls are refused" : "An event tells of it"}</td>
      <td>{resets_at ? <When at={resets_at} /> : <span className="muted">Never</span>}</td>
      <td>
        {mayManage && (
          <div className="actions">
            <button type="button" aria-label={`Change ${name}`} onClick={() => onChange(budget)}>
              Change
            </button>
            <DeleteButton name={name} remove={() => llm.removeBudget(id)} onDeleted={() => void queries.invalidateQueries({ queryKey: keys.llm("budgets") })}>
              <p>Nothing is bounded by it any more. The ledger keeps its rows.</p>
            </DeleteButton>
          </div>
        )}
      </td>
    </tr>
  );
}
