/** A job's log, which goes on by itself while the job runs. */

import { useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { jobs } from "../../api/endpoints";
import type { LogLineView } from "../../api/jobs-schema";
import type { Id } from "../../api/schema";
import { ErrorNotice, Loading } from "../../components/basics";
import { count } from "../../lib/text";
import { LogReader } from "../../live/log-reader";

interface Props {
  id: Id;
  /** Whether the job has not ended. */
  live: boolean;
  /** Another value with every word of the job: a reason to look for new lines. */
  beat: unknown;
}

export function JobLog({ id, live, beat }: Props) {
  const check = useId();
  const reader = useMemo(() => new LogReader((cursor, limit) => jobs.logs(id, cursor, limit)), [id]);
  const { log, busy, error } = useSyncExternalStore(reader.subscribe, reader.snapshot);
  // A log that was followed is read to its end, also when that comes with the end of the job.
  const [wasLive, setWasLive] = useState(live);
  if (live && !wasLive) setWasLive(true);
  const [choice, setChoice] = useState<boolean | null>(null);
  const follow = choice ?? wasLive;
  useEffect(() => {
    void (follow ? reader.drain() : reader.first());
  }, [reader, follow, beat]);
  return (
    <section aria-labelledby="log" className="log">
      <div className="page-head">
        <h2 id="log">Log</h2>
        {live && (
          <span className="field check">
            <input id={check} type="checkbox" checked={follow} onChange={(event) => setChoice(event.target.checked)} />
            <label htmlFor={check}>Follow</label>
          </span>
        )}
      </div>
      {log.gone.length > 0 && (
        <button
          type="button"
          disabled={busy}
          onClick={() => {
            setChoice(false);
            void reader.older();
          }}
        >
          Older lines ({log.gone.length})
        </button>
      )}
      {log.lines.length > 0 && <Lines lines={log.lines} pinned={follow && live} />}
      {log.lines.length === 0 && !busy && !error && <p className="muted">{live ? "No line yet." : "It wrote no line."}</p>}
      {busy && <Loading what="Reading the log" />}
      {error !== null && <ErrorNotice error={error} onRetry={() => void reader.newer()} />}
      {!follow && log.lines.length > 0 && (
        <div className="actions start">
          <span className="muted">{count(log.lines.length, "line")}</span>
          {(log.more || live) && (
            <button type="button" disabled={busy} onClick={() => void reader.newer()}>
              Newer lines
            </button>
          )}
          {log.more && (
            <button type="button" disabled={busy} onClick={() => void reader.drain()}>
              To the end
            </button>
          )}
        </div>
      )}
    </section>
  );
}

/** The lines in a box of their own, which stays at its end while it is pinned. */
function Lines({ lines, pinned }: { lines: readonly LogLineView[]; pinned: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (pinned && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, pinned]);
  return (
    // A long log scrolls, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={box} className="log-lines" role="log" aria-live="off" aria-label="Lines" tabIndex={0}>
      {lines.map((line) => (
        <div key={line.id} className={`log-line ${line.level}`}>
          <time dateTime={line.at}>{timeOf(line.at)}</time> <span className="level">{line.level}</span> <span className="message">{line.message}</span>
        </div>
      ))}
    </div>
  );
}

/** The time of day, which is what lines of one job differ in. */
function timeOf(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false });
}
