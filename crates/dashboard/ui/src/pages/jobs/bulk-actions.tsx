/** What can be done to every job that the filters let through, asked first and with their number. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { jobs } from "../../api/endpoints";
import type { CountView, SelectJobs } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import { messageOf } from "../../api/problem";
import { Confirm, ErrorNotice, Loading } from "../../components/basics";
import { useToasts } from "../../components/toasts";
import { atLeast, useRole } from "../../lib/access";
import { count } from "../../lib/text";
import { bulkOf, selection, type Bulk, type BulkKind } from "./actions";
import type { JobFilters } from "./filters";

const CALLS: Record<BulkKind, (body: SelectJobs) => Promise<CountView>> = { retry: jobs.retryAll, cancel: jobs.cancelAll, discard: jobs.discardAll };
const DONE: Record<BulkKind, string> = { retry: "tried again", cancel: "cancelled", discard: "discarded" };
const MEANING: Record<BulkKind, string> = {
  retry: "They start over with all their attempts.",
  cancel: "Those that wait are cancelled at once, those that run are asked to stop.",
  discard: "They are deleted with their attempts and logs, and cannot be brought back.",
};

export function BulkActions({ filters }: { filters: JobFilters }) {
  const [asking, setAsking] = useState<Bulk | null>(null);
  if (!atLeast(useRole(), "member")) return null;
  return (
    <div className="actions">
      {bulkOf(filters).map((bulk) => (
        <button key={bulk.kind} type="button" className={bulk.kind === "discard" ? "danger" : undefined} onClick={() => setAsking(bulk)}>
          {bulk.label}
        </button>
      ))}
      {asking && <Ask bulk={asking} filters={filters} onClose={() => setAsking(null)} />}
    </div>
  );
}

/** How many jobs are in these states, all taken together. */
async function countJobs(body: SelectJobs): Promise<number> {
  const { status = [], ...rest } = body;
  const pages = await Promise.all(status.map((one) => jobs.list({ ...rest, ids: undefined, status: one, limit: 1 })));
  return pages.reduce((sum, page) => sum + page.total, 0);
}

function Ask({ bulk, filters, onClose }: { bulk: Bulk; filters: JobFilters; onClose: () => void }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const body = selection(filters, bulk.statuses);
  const number = useQuery({ queryKey: keys.jobs("count", body), queryFn: () => countJobs(body), staleTime: 0, gcTime: 0 });
  const run = useMutation({
    mutationFn: () => CALLS[bulk.kind](body),
    onSuccess: (answer) => {
      toasts.good(`${count(answer.count, "job")} ${DONE[bulk.kind]}.`);
      return queries.invalidateQueries({ queryKey: keys.jobs() });
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <Confirm title={`${bulk.label}?`} action={bulk.label} disabled={!number.data} onConfirm={() => run.mutate()} onClose={onClose}>
      {number.isPending && <Loading what="Counting" />}
      {number.isError && <ErrorNotice error={number.error} onRetry={() => void number.refetch()} />}
      {number.data === 0 && <p>No job matches.</p>}
      {number.data !== undefined && number.data > 0 && (
        <p>
          <strong>{count(number.data, "job")}</strong>
          {where(filters)}. {MEANING[bulk.kind]}
        </p>
      )}
    </Confirm>
  );
}

/** The filters in words, so that nobody acts on more than they think. */
function where({ type, queue }: JobFilters): string {
  return [type && ` of type ${type}`, queue && ` in the queue ${queue}`].filter(Boolean).join("");
}
