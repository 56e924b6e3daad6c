/** Cancel, retry and delete of one job, as far as its status and the person's role allow. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { jobs } from "../../api/endpoints";
import type { JobView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import { messageOf } from "../../api/problem";
import { Confirm } from "../../components/basics";
import { useToasts } from "../../components/toasts";
import { atLeast, useRole } from "../../lib/access";
import { actionsOf, type Action } from "./actions";

interface Props {
  job: JobView;
  only?: readonly Action[];
  onDeleted?: () => void;
}

const EVERY: readonly Action[] = ["retry", "cancel", "delete"];

export function JobActions({ job, only = EVERY, onDeleted }: Props) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const settled = {
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.jobs() }),
    onError: (error: Error) => toasts.bad(messageOf(error)),
  };
  const cancel = useMutation({ mutationFn: () => jobs.cancel(job.id), ...settled });
  const retry = useMutation({ mutationFn: () => jobs.retry(job.id), ...settled });
  const remove = useMutation({
    mutationFn: () => jobs.remove(job.id),
    onSuccess: () => {
      toasts.good(`Job ${job.id} is deleted.`);
      onDeleted?.();
      queries.removeQueries({ queryKey: keys.jobs("one", job.id) });
      void queries.invalidateQueries({ queryKey: keys.jobs() });
    },
    onError: settled.onError,
  });
  if (!atLeast(useRole(), "member")) return null;
  const allowed = actionsOf(job).filter((action) => only.includes(action));
  const busy = cancel.isPending || retry.isPending || remove.isPending;
  return (
    <div className="actions">
      {job.cancel_requested && job.status === "running" && <span className="muted">Cancelling…</span>}
      {allowed.includes("retry") && (
        <button type="button" aria-label={`Retry job ${job.id}`} disabled={busy} onClick={() => retry.mutate()}>
          Retry
        </button>
      )}
      {allowed.includes("cancel") && (
        <button type="button" aria-label={`Cancel job ${job.id}`} disabled={busy} onClick={() => cancel.mutate()}>
          Cancel
        </button>
      )}
      {allowed.includes("delete") && (
        <button type="button" className="danger" aria-label={`Delete job ${job.id}`} disabled={busy} onClick={() => setAsking(true)}>
          Delete
        </button>
      )}
      {asking && (
        <Confirm title={`Delete job ${job.id}?`} action="Delete" onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
          <p>Its attempts and its log are deleted with it.</p>
        </Confirm>
      )}
    </div>
  );
}
