/** Runs of sources as they happen. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { jobs, sources } from "../../api/endpoints";
import type { JobView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import { messageOf } from "../../api/problem";
import type { Id } from "../../api/schema";
import type { SourceView } from "../../api/sources-schema";
import { useToasts } from "../../components/toasts";
import { useCoalesced } from "../../lib/coalesce";
import { isFinished, START, useJobProgress, type JobProgress } from "../../live/jobs";

/** Between two looks at a source whose run moves, in milliseconds. */
const PACE = 2_000;

/** The latest readings of the project's sources: after a reload those that are under way are found again. */
export function useReadings(enabled = true): JobView[] {
  const list = useQuery({ queryKey: keys.jobs("readings"), queryFn: () => jobs.list({ job_type: "source_sync", limit: 50 }), enabled });
  return list.data?.items ?? [];
}

/** The job that reads a source now. */
export function readingOf(source: Id, readings: readonly JobView[]): Id | null {
  return readings.find((job) => job.parameters.source_id === source && !isFinished(job.status))?.id ?? null;
}

export interface SourceRun {
  /** The job while it is under way, else null. */
  live: JobProgress | null;
  job: Id | null;
  busy: boolean;
  start: () => void;
}

/** Starts a source's run and follows the one that is under way. */
export function useSourceRun({ id, name }: Pick<SourceView, "id" | "name">, found: Id | null): SourceRun {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [started, setStarted] = useState<Id | null>(null);
  const job = started ?? found;
  const progress = useJobProgress(job, (end) => {
    if (end.status === "completed") toasts.good(`${name} is read.`);
    else toasts.bad(`${name}: ${end.error ?? `the run was ${end.status}`}`);
    for (const key of [keys.sources(), keys.knowledge(), keys.dashboard(), keys.jobs()]) void queries.invalidateQueries({ queryKey: key });
    setStarted(null);
  });
  const start = useMutation({
    mutationFn: () => sources.run(id),
    onSuccess: ({ job_id }) => setStarted(job_id),
    onError: (error) => toasts.bad(messageOf(error)),
  });
  const live = progress !== null && !progress.done ? progress : null;
  // The job's socket tells how far it is; what came of it so far is looked up from time to time while it moves.
  const look = useCoalesced(() => {
    for (const part of ["one", "runs", "items"]) void queries.invalidateQueries({ queryKey: keys.sources(part, id) });
  }, PACE);
  useEffect(() => {
    if (live && live !== START) look();
  }, [live, look]);
  return { live, job: live ? job : null, busy: start.isPending || live !== null, start: () => start.mutate() };
}
