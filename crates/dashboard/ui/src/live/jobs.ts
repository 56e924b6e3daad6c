/** A job's progress as it happens, over its WebSocket. */

import { useEffect, useRef, useState } from "react";

import { auth, jobs } from "../api/endpoints";
import { ApiProblem } from "../api/problem";
import type { Id, ItemCounts, JobFrame } from "../api/schema";

export interface JobProgress {
  status: string;
  progress: number;
  step: string | null;
  error: string | null;
  done: boolean;
  /** As last told; null until then. */
  items: ItemCounts | null;
  /** Whether it is told no more of the job, such as after a lost right: then the rest is what was last known. */
  lost?: true;
}

/** Before the first word of a job. */
export const START: JobProgress = { status: "pending", progress: 0, step: null, error: null, done: false, items: null };
const FINISHED: readonly string[] = ["completed", "failed", "cancelled", "dead"];
/** Waits before asking again, in milliseconds; the last one repeats. */
const PAUSES = [500, 1_000, 2_000, 5_000, 10_000];

export function isFinished(status: string): boolean {
  return FINISHED.includes(status);
}

/** The counts of a frame or a row that has any. */
function countsOf({ items_done, items_failed, items_total }: ItemCounts): ItemCounts | null {
  return items_done === undefined ? null : { items_done, items_failed, items_total };
}

/** The next state after a frame. */
export function applyFrame(state: JobProgress, frame: JobFrame): JobProgress {
  switch (frame.type) {
    case "connected":
    case "progress":
      return { ...state, status: frame.status, progress: frame.progress, step: frame.current_step, items: countsOf(frame) ?? state.items };
    case "completed":
      return {
        ...state,
        status: frame.status,
        progress: frame.status === "completed" ? 100 : state.progress,
        step: null,
        error: frame.error,
        done: true,
      };
  }
}

/**
 * Follows a job to its end and returns how to stop. A dropped connection is taken up again with a new ticket; before
 * that the job itself is asked, because it may have ended meanwhile.
 */
export function followJob(id: Id, onChange: (state: JobProgress) => void): () => void {
  let state = START;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let failures = 0;

  const change = (next: JobProgress) => {
    state = next;
    if (!stopped) onChange(next);
  };
  const later = () => {
    if (stopped || state.done) return;
    timer = setTimeout(() => void resume(), PAUSES[Math.min(failures++, PAUSES.length - 1)]);
  };
  const resume = async () => {
    try {
      const job = await jobs.get(id);
      change({ status: job.status, progress: job.progress, step: job.current_step ?? null, error: job.error ?? null, done: isFinished(job.status), items: countsOf(job) });
      if (!state.done) await open();
    } catch (error) {
      giveUpOr(error);
    }
  };
  const open = async () => {
    try {
      const { ticket } = await auth.ticket();
      if (stopped) return;
      listen(new WebSocket(socketUrl(id, ticket)));
    } catch (error) {
      giveUpOr(error);
    }
  };
  const listen = (opened: WebSocket) => {
    socket = opened;
    opened.onmessage = (event: MessageEvent<string>) => {
      failures = 0;
      change(applyFrame(state, JSON.parse(event.data) as JobFrame));
    };
    opened.onclose = later;
  };
  const giveUpOr = (error: unknown) => {
    const hopeless = error instanceof ApiProblem && [401, 403, 404].includes(error.status);
    if (hopeless) change({ ...state, error: error.message, done: true, lost: true });
    else later();
  };

  void open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}

function socketUrl(id: Id, ticket: string): string {
  const url = new URL(`/api/v1/jobs/ws/${id}`, window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  return url.href;
}

/** The progress of a job while the component is shown; `onDone` is called once at its end. */
export function useJobProgress(id: Id | null, onDone?: (state: JobProgress) => void): JobProgress | null {
  const [state, setState] = useState<{ id: Id; progress: JobProgress } | null>(null);
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  useEffect(() => {
    if (id === null) return undefined;
    const stop = followJob(id, (progress) => {
      setState({ id, progress });
      if (progress.done) done.current?.(progress);
    });
    return () => {
      stop();
      // A job that is tried again starts afresh.
      setState(null);
    };
  }, [id]);
  if (id === null) return null;
  return state?.id === id ? state.progress : START;
}
