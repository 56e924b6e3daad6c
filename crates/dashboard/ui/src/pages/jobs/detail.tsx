/** One job: how far it is, what it was asked, what came of it, its attempts, its log, its children. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { jobs } from "../../api/endpoints";
import type { JobView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { Id } from "../../api/schema";
import { PageHead, Ready } from "../../components/basics";
import { useCoalesced } from "../../lib/coalesce";
import { words } from "../../lib/text";
import { isFinished, START, useJobProgress, type JobProgress } from "../../live/jobs";
import { NotFound } from "../not-found";
import { Attempts } from "./attempts";
import { Children } from "./children";
import { Facts } from "./facts";
import { JobActions } from "./job-actions";
import { JobLog } from "./job-log";
import { Standing } from "./standing";

/** Between two looks at the row of a job that moves, in milliseconds. */
const PACE = 1_000;

export function JobPage() {
  const number = Number(useParams().id);
  return Number.isSafeInteger(number) && number > 0 ? <OneJob key={number} id={number} /> : <NotFound />;
}

function OneJob({ id }: { id: Id }) {
  const one = useQuery({ queryKey: keys.jobs("one", id), queryFn: () => jobs.get(id) });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return <Ready query={one}>{(job) => <Detail job={job} />}</Ready>;
}

interface Followed {
  /** What was heard of the job; null before that and for one that has ended. */
  live: JobProgress | null;
  /** Another value from time to time while the job moves, and at its end. */
  beat: string;
}

/** The job as it happens. What its socket does not tell is read from time to time while it moves, and never otherwise. */
function useFollowed(job: JobView): Followed {
  const queries = useQueryClient();
  const [beats, setBeats] = useState(0);
  const look = useCoalesced(() => {
    setBeats((number) => number + 1);
    for (const part of ["one", "children"]) void queries.invalidateQueries({ queryKey: keys.jobs(part, job.id) });
  }, PACE);
  const told = useJobProgress(isFinished(job.status) ? null : job.id, () => void queries.invalidateQueries({ queryKey: keys.jobs() }));
  const live = told === START || told?.lost ? null : told;
  useEffect(() => {
    if (live && !live.done) look();
  }, [live, look]);
  return { live, beat: `${live?.status ?? job.status} ${beats}` };
}

function Detail({ job: row }: { job: JobView }) {
  const navigate = useNavigate();
  const from: unknown = useLocation().state;
  const { live, beat } = useFollowed(row);
  const job = { ...row, status: live?.status ?? row.status };
  const back = `/jobs${listOf(from)}`;
  return (
    <>
      <p>
        <Link to={back}>All jobs</Link>
        {job.parent_id != null && (
          <>
            {" · part of "}
            <Link to={`/jobs/${job.parent_id}`}>job {job.parent_id}</Link>
          </>
        )}
      </p>
      <PageHead title={`${words(job.job_type)} #${job.id}`}>
        <JobActions job={job} onDeleted={() => void navigate(back)} />
      </PageHead>
      <Standing job={job} live={live} />
      <Facts job={job} />
      {/* The archive keeps neither. */}
      {!job.archived_at && <Attempts id={job.id} status={job.status} />}
      {!job.archived_at && <JobLog id={job.id} live={!isFinished(job.status)} beat={beat} />}
      <Children id={job.id} />
    </>
  );
}

/** The filters of the list that the person came from. */
function listOf(state: unknown): string {
  return typeof state === "object" && state !== null && "list" in state && typeof state.list === "string" ? state.list : "";
}
