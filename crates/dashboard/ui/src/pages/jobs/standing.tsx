/** How far a job is, and why it is not further. */

import type { JobView } from "../../api/jobs-schema";
import { Badge, Progress, When } from "../../components/basics";
import type { JobProgress } from "../../live/jobs";
import { words } from "../../lib/text";
import { itemsOf } from "./items";

/** What a class of error means for the job. */
const CLASSES: Record<string, string> = {
  retry: "The attempt failed in a way that another may not.",
  wait: "It waits for something outside, such as a rate limit, and goes on by itself.",
  fail: "Another attempt would fail the same way.",
  panic: "A defect of this program stopped the attempt.",
  lease_lost: "The worker fell silent and lost the job.",
  timeout: "The attempt took longer than it may.",
};

export function Standing({ job, live }: { job: JobView; live: JobProgress | null }) {
  const error = live?.error ?? job.error;
  const items = itemsOf(live?.items ?? job);
  return (
    <section className="panel standing" aria-label="Standing">
      <p>
        <Badge value={job.status} /> {job.cancel_requested && job.status === "running" && <span className="muted">It was asked to stop.</span>}
        {job.archived_at && (
          <span className="muted">
            Archived <When at={job.archived_at} />, without its attempts and its log.
          </span>
        )}
        {job.status === "pending" && !job.run_at && <span className="muted">It waits to be dispatched.</span>}
        {(job.status === "pending" || job.status === "retrying") && job.run_at && (
          <span className="muted">
            May start <When at={job.run_at} />
          </span>
        )}
      </p>
      <Progress value={live?.progress ?? job.progress} label={`Progress of job ${job.id}`} text={live ? live.step : job.current_step} />
      {items && <p>{items}</p>}
      {error && (
        <div className="notice bad">
          <p className="wrapped">
            {job.error_class && <strong>{words(job.error_class)}: </strong>}
            {error}
          </p>
          {job.error_class && CLASSES[job.error_class] && <p>{CLASSES[job.error_class]}</p>}
        </div>
      )}
    </section>
  );
}
