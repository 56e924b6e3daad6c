/** The jobs that a job made, where it made any. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { jobs } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { Id } from "../../api/schema";
import { ErrorNotice } from "../../components/basics";
import { Pagination } from "../../components/list";
import { useCoalesced } from "../../lib/coalesce";
import { JobRow } from "./row";

export function Children({ id }: { id: Id }) {
  const queries = useQueryClient();
  const [page, setPage] = useState(1);
  const list = useQuery({ queryKey: keys.jobs("children", id, page), queryFn: () => jobs.children(id, page), placeholderData: (before) => before });
  const refresh = useCoalesced(() => void queries.invalidateQueries({ queryKey: keys.jobs() }), 300);
  if (list.isError) return <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data || list.data.total === 0) return null;
  return (
    <section aria-labelledby="children">
      <h2 id="children">Jobs it made</h2>
      <div className="table-wrap">
        <table className="jobs">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">Queue</th>
              <th scope="col">Made</th>
              <th scope="col">Took</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {list.data.items.map((job) => (
              <JobRow key={job.id} job={job} onSettled={refresh} />
            ))}
          </tbody>
        </table>
      </div>
      <Pagination page={list.data} onPage={setPage} />
    </section>
  );
}
