/** The project's jobs as a supervisor sees them: how the queues stand, how it went, and every job with what can be done. */

import { useQuery, useQueryClient } from "@tanstack/react-query";

import { jobs } from "../../api/endpoints";
import type { JobView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import type { Page } from "../../api/schema";
import { Empty, PageHead, Ready } from "../../components/basics";
import { Filter, Pagination, SortHead, useListState, type ListState } from "../../components/list";
import { useCoalesced } from "../../lib/coalesce";
import { BulkActions } from "./bulk-actions";
import { filtersOf, isFiltered, listQuery, queueChoices, STATUS_CHOICES, typeChoices, type JobFilters } from "./filters";
import { Queues } from "./queues";
import { JobRow } from "./row";
import { Statistics } from "./statistics";

/** Jobs that end together are one reason to look again, in milliseconds. */
const SETTLING = 300;

export function Jobs() {
  const queries = useQueryClient();
  const state = useListState("");
  const filters = filtersOf(state.get);
  const query = listQuery(filters, state.page, state.sort);
  const list = useQuery({ queryKey: keys.jobs("list", query), queryFn: () => jobs.list(query), placeholderData: (before) => before });
  const refresh = useCoalesced(() => void queries.invalidateQueries({ queryKey: keys.jobs() }), SETTLING);
  return (
    <>
      <PageHead title="Jobs">
        <button type="button" onClick={refresh}>
          Refresh
        </button>
      </PageHead>
      <div className="grid supervisor">
        <Queues />
        <Statistics state={state} />
      </div>
      <section aria-labelledby="all-jobs">
        <h2 id="all-jobs">All jobs</h2>
        <Filters state={state} filters={filters} items={list.data?.items ?? []} />
        <Ready query={list}>{(page) => <JobList page={page} state={state} filtered={isFiltered(filters)} onSettled={refresh} />}</Ready>
      </section>
    </>
  );
}

function Filters({ state, filters, items }: { state: ListState; filters: JobFilters; items: JobView[] }) {
  return (
    <div className="filters">
      <Filter name="status" label="Status" options={STATUS_CHOICES} state={state} />
      <Filter name="type" label="Type" options={typeChoices(filters.type, ...items.map((job) => job.job_type))} state={state} />
      <Filter name="queue" label="Queue" options={queueChoices(filters.queue, ...items.map((job) => job.queue))} state={state} />
      <BulkActions filters={filters} />
    </div>
  );
}

function JobList({ page, state, filtered, onSettled }: { page: Page<JobView>; state: ListState; filtered: boolean; onSettled: () => void }) {
  if (page.items.length === 0) {
    return <Empty title={filtered ? "No job matches" : "No job yet"}>{filtered ? "Widen the filters above." : "Synchronising a repository or uploading a document makes one."}</Empty>;
  }
  return (
    <>
      <div className="table-wrap">
        <table className="jobs">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">Queue</th>
              <SortHead field="created_at" label="Made" state={state} />
              <th scope="col">Took</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {page.items.map((job) => (
              <JobRow key={job.id} job={job} onSettled={onSettled} />
            ))}
          </tbody>
        </table>
      </div>
      <Pagination page={page} state={state} />
    </>
  );
}
