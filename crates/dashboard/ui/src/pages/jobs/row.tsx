/** One job of a list, with its progress as it happens. */

import { Link, useLocation } from "react-router";

import type { JobView } from "../../api/jobs-schema";
import { Badge, Progress, When } from "../../components/basics";
import { isFinished, START, useJobProgress } from "../../live/jobs";
import { duration, words } from "../../lib/text";
import { JobActions } from "./job-actions";

export function JobRow({ job, onSettled }: { job: JobView; onSettled: () => void }) {
  const live = useJobProgress(isFinished(job.status) ? null : job.id, onSettled);
  const { search } = useLocation();
  const heard = live !== null && live !== START && !live.lost;
  const status = heard ? live.status : job.status;
  const moving = heard && !live.done && status === "running";
  return (
    <tr>
      <th scope="row">
        <Link to={`/jobs/${job.id}`} state={{ list: search }}>
          {words(job.job_type)} <span className="muted">#{job.id}</span>
        </Link>
        {job.attempt > 1 && (
          <div className="hint">
            Attempt {job.attempt} of {job.max_attempts}
          </div>
        )}
      </th>
      <td>
        {moving ? <Progress value={live.progress} label={`Job ${job.id}`} text={live.step ?? live.status} /> : <Badge value={status} />}
        {status === "pending" && !job.run_at && <div className="hint">Not dispatched</div>}
        {job.error && <div className="field-problem clipped">{job.error}</div>}
      </td>
      <td>{job.queue}</td>
      <td>
        <When at={job.created_at} />
      </td>
      <td>{job.duration_seconds == null ? <span className="muted">–</span> : duration(job.duration_seconds)}</td>
      <td>
        <JobActions job={{ ...job, status }} only={["cancel", "retry"]} />
      </td>
    </tr>
  );
}
