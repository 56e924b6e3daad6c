/** Usage: every attempt at a model, and the sums of them. */

import { useQuery } from "@tanstack/react-query";

import { llm } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { CAUSES, GROUPS, OUTCOMES, type SumView, type UsageView } from "../../api/llm-schema";
import { Badge, Empty, PageHead, Ready, When } from "../../components/basics";
import { Filter, Pagination, useListState } from "../../components/list";
import { options } from "../../components/options";
import { WideTable } from "../../components/table";
import { dollars } from "../../lib/money";
import { words } from "../../lib/text";
import { CsvButton } from "./csv-button";
import { Places } from "./places";
import { groupOf, queryOf } from "./usage-query";
import { DayFilter, TextFilter } from "./usage-filters";

const number = (value: number): string => value.toLocaleString("en-US");

export function Usage() {
  const state = useListState("");
  const query = queryOf(state.get);
  const group = groupOf(state.get);
  const sums = { ...query, group_by: group, limit: 100 };
  const rows = { ...query, page: state.page, limit: 20 };
  const costs = useQuery({ queryKey: keys.llm("costs", sums), queryFn: () => llm.costs(sums), placeholderData: (before) => before });
  const usage = useQuery({ queryKey: keys.llm("usage", rows), queryFn: () => llm.usage(rows), placeholderData: (before) => before });
  return (
    <>
      <PageHead title="Usage" />
      <Places />
      <div className="filters">
        <TextFilter name="role" label="Role" state={state} />
        <TextFilter name="model" label="Model" state={state} />
        <TextFilter name="provider" label="Provider" state={state} />
        <Filter name="cause" label="Cause" options={options(CAUSES)} state={state} />
        <Filter name="outcome" label="Outcome" options={options(OUTCOMES)} state={state} />
        <DayFilter name="since" label="From" state={state} />
        <DayFilter name="until" label="Before" state={state} />
      </div>
      <section aria-labelledby="sums">
        <div className="page-head">
          <h2 id="sums">Sums</h2>
          <div className="filters">
            <label className="filter">
              <span>By</span>
              <select value={group} onChange={(event) => state.set({ by: event.target.value })}>
                {options(GROUPS).map(({ value, label }) => (
                  <option key={value} value={value}>
                    {value === "api_key" ? "API key" : label}
                  </option>
                ))}
              </select>
            </label>
            <CsvButton what="costs" query={{ ...query, group_by: group }} />
          </div>
        </div>
        <Ready query={costs}>{(page) => <SumTable items={page.items} isWhole={!page.has_next} group={group} />}</Ready>
      </section>
      <section aria-labelledby="attempts">
        <div className="page-head">
          <h2 id="attempts">Attempts</h2>
          <CsvButton what="usage" query={query} />
        </div>
        <Ready query={usage}>
          {(page) =>
            page.items.length > 0 ? (
              <>
                <UsageTable items={page.items} />
                <Pagination page={page} state={state} />
              </>
            ) : (
              <Empty title="No attempt">Every call to a language model is written down here, also those that failed.</Empty>
            )
          }
        </Ready>
      </section>
    </>
  );
}

function SumTable({ items, isWhole, group }: { items: SumView[]; isWhole: boolean; group: string }) {
  if (items.length === 0) return <p className="muted">Nothing was spent.</p>;
  const total = (field: "attempts" | "unsuccessful" | "input_tokens" | "output_tokens" | "cost_nano") => items.reduce((sum, item) => sum + item[field], 0);
  return (
    <>
      <WideTable label={`Sums by ${words(group).toLowerCase()}`} className="money-table">
        <thead>
          <tr>
            <th scope="col">{words(group)}</th>
            <th scope="col">Attempts</th>
            <th scope="col">Not whole</th>
            <th scope="col">Tokens in</th>
            <th scope="col">Tokens out</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {items.map((sum) => (
            <SumRow key={sum.key ?? ""} name={sum.key ?? "None"} sum={sum} />
          ))}
          {isWhole && items.length > 1 && (
            <SumRow name="All" sum={{ attempts: total("attempts"), unsuccessful: total("unsuccessful"), input_tokens: total("input_tokens"), output_tokens: total("output_tokens"), cost_nano: total("cost_nano") }} />
          )}
        </tbody>
      </WideTable>
      {!isWhole && <p className="hint">The first 100 sums. The CSV has them all.</p>}
    </>
  );
}

function SumRow({ name, sum }: { name: string; sum: Pick<SumView, "attempts" | "unsuccessful" | "input_tokens" | "output_tokens" | "cost_nano"> }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="money">{number(sum.attempts)}</td>
      <td className="money">{number(sum.unsuccessful)}</td>
      <td className="money">{number(sum.input_tokens)}</td>
      <td className="money">{number(sum.output_tokens)}</td>
      <td className="money">{dollars(sum.cost_nano)}</td>
    </tr>
  );
}

const TONES: Record<string, string> = { complete: "completed", cached: "completed", failed: "failed", lost: "failed", open: "running", incomplete: "retrying", cancelled: "retrying" };

function UsageTable({ items }: { items: UsageView[] }) {
  return (
    <WideTable label="Attempts">
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col">Model</th>
          <th scope="col">For</th>
          <th scope="col">Outcome</th>
          <th scope="col">Tokens in / out</th>
          <th scope="col">Cost</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {items.map((row) => (
          <tr key={row.id}>
            <th scope="row">
              #{row.id}
              <div className="hint">
                <When at={row.started_at} />
              </div>
            </th>
            <td className="wrapped">
              {row.provider}/{row.model}
              {row.attempt > 1 && <div className="hint">attempt {row.attempt} of its call</div>}
            </td>
            <td>
              {words(row.cause)}
              {row.role != null && <div className="hint">role {row.role}</div>}
            </td>
            <td>
              <Badge value={TONES[row.outcome] ?? row.outcome} label={words(row.outcome)} />
              {row.failure != null && <div className="field-problem">{words(row.failure)}</div>}
            </td>
            <td className="money">
              {number(row.input_tokens)} / {number(row.output_tokens)}
              {row.estimated && <div className="hint">counted here</div>}
            </td>
            <td className="money">
              {dollars(row.cost_nano)}
              {row.outcome === "open" && row.reserved_nano > 0 && <div className="hint">{dollars(row.reserved_nano)} held</div>}
            </td>
            <td className="money">{row.latency_ms == null ? <span className="muted">–</span> : `${number(row.latency_ms)} ms`}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
