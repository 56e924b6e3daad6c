/** What a job was asked, what it brought back, and when. */

import type { Free, JobView } from "../../api/jobs-schema";
import { Fact, When } from "../../components/basics";
import { duration } from "../../lib/text";

export function Facts({ job }: { job: JobView }) {
  return (
    <div className="grid wide">
      <section className="panel" aria-labelledby="facts">
        <h2 id="facts">Facts</h2>
        <dl className="facts">
          <Fact name="Queue">{job.queue}</Fact>
          <Fact name="Priority">{job.priority}</Fact>
          <Fact name="Attempt">
            {job.attempt} of {job.max_attempts}
          </Fact>
          <Fact name="Made">
            <When at={job.created_at} />
          </Fact>
          <Fact name="Started">
            <When at={job.started_at} />
          </Fact>
          <Fact name="Ended">
            <When at={job.completed_at} />
          </Fact>
          <Fact name="Took">{job.duration_seconds == null ? "–" : duration(job.duration_seconds)}</Fact>
        </dl>
      </section>
      <Values title="Parameters" values={job.parameters} none="None." />
      <Values title="Result" values={job.result} none="None yet." />
      {Object.keys(job.tags).length > 0 && <Values title="Tags" values={job.tags} none="None." />}
    </div>
  );
}

function Values({ title, values, none }: { title: string; values: Free | null | undefined; none: string }) {
  const entries = Object.entries(values ?? {});
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {entries.length === 0 ? (
        <p className="muted">{none}</p>
      ) : (
        <dl className="facts">
          {entries.map(([name, value]) => (
            <Fact key={name} name={name}>
              <code className="wrapped">{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</code>
            </Fact>
          ))}
        </dl>
      )}
    </section>
  );
}
