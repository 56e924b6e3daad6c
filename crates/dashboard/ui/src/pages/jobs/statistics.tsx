/** How jobs went in a window of time. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { jobs } from "../../api/endpoints";
import { WINDOWS, type JobStatisticsView, type QuantilesView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import { Badge, Ready } from "../../components/basics";
import type { ListState } from "../../components/list";
import { duration } from "../../lib/text";
import { ALL_TIME, listAddress, USUAL_WINDOW, windowOf } from "./filters";

const LABELS: Record<(typeof WINDOWS)[number], string> = { "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days" };

export function Statistics({ state }: { state: ListState }) {
  const chosen = windowOf(state.get);
  const figures = useQuery({ queryKey: keys.jobs("statistics", chosen), queryFn: () => jobs.statistics(chosen === ALL_TIME ? "" : chosen), placeholderData: (before) => before });
  return (
    <section className="panel" aria-labelledby="statistics">
      <div className="page-head">
        <h2 id="statistics">Statistics</h2>
        <label className="filter">
          <span>Window</span>
          {/* The list stays on its page. */}
          <select value={chosen} onChange={(event) => state.set({ window: event.target.value === USUAL_WINDOW ? null : event.target.value, page: state.page === 1 ? null : state.page })}>
            {WINDOWS.map((value) => (
              <option key={value} value={value}>
                {LABELS[value]}
              </option>
            ))}
            <option value={ALL_TIME}>All time</option>
          </select>
        </label>
      </div>
      <Ready query={figures}>{(data) => <Figures figures={data} chosen={chosen} />}</Ready>
    </section>
  );
}

function Figures({ figures, chosen }: { figures: JobStatisticsView; chosen: string }) {
  const some = Object.entries(figures.by_status).filter(([, number]) => number > 0);
  const { success_rate: rate, average_duration_seconds: mean } = figures;
  return (
    <>
      <dl className="facts">
        <dt>Jobs</dt>
        <dd>
          {figures.total}, {figures.active_jobs} active
        </dd>
        <dt>Success</dt>
        <dd>{rate == null ? "–" : `${rate.toFixed(1)}%`}</dd>
        <dt>Mean run</dt>
        <dd>{mean == null ? "–" : duration(mean)}</dd>
        {chosen !== ALL_TIME && (
          <>
            <Quantiles name="Wait" value={figures.wait_seconds} />
            <Quantiles name="Run" value={figures.run_seconds} />
          </>
        )}
      </dl>
      {some.length > 0 && (
        <ul className="tally" aria-label="Jobs by status">
          {some.map(([status, number]) => (
            <li key={status}>
              <Link to={`${listAddress({ status })}${chosen === USUAL_WINDOW ? "" : `&window=${chosen}`}`}>
                <Badge value={status} /> {number}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Quantiles({ name, value }: { name: string; value: QuantilesView | null | undefined }) {
  return (
    <>
      <dt>{name}, half / 95% within</dt>
      <dd>{value?.p50 == null || value.p95 == null ? "–" : `${duration(value.p50)} / ${duration(value.p95)}`}</dd>
    </>
  );
}
