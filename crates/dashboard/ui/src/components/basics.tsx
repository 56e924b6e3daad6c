/** Small pieces every page uses. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useId, useRef, type ReactNode } from "react";

import { messageOf } from "../api/problem";
import { relative, words } from "../lib/text";

/** The page's heading; also the window's title. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · CommandCenter`;
  }, [title]);
  return (
    <div className="page-head">
      <h1>{title}</h1>
      {children}
    </div>
  );
}

export function Loading({ what = "Loading" }: { what?: string }) {
  return (
    <p className="loading" role="status">
      {what}…
    </p>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className="notice bad" role="alert">
      <p>{messageOf(error)}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A query's loading, failed and ready states. */
export function Ready<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}

export function Progress({ value, label, text }: { value: number; label: string; text?: string | null }) {
  const id = useId();
  return (
    <div className="progress">
      {/* The role is said for tools that look for the attribute. */}
      {/* eslint-disable-next-line jsx-a11y/no-redundant-roles, jsx-a11y/no-noninteractive-element-to-interactive-role */}
      <progress role="progressbar" aria-label={label} aria-valuenow={value} aria-valuemin={0} aria-valuemax={100} aria-describedby={id} value={value} max={100} />
      <span id={id} className="progress-text">
        {value}%{text ? ` · ${text}` : ""}
      </span>
    </div>
  );
}

const TONES: Record<string, string> = {
  synced: "good",
  completed: "good",
  indexed: "good",
  adopt: "good",
  integrated: "good",
  success: "good",
  seen: "good",
  error: "bad",
  failed: "bad",
  dead: "bad",
  blocked: "bad",
  hold: "bad",
  syncing: "busy",
  running: "busy",
  retrying: "busy",
  retry: "busy",
  wait: "busy",
  released: "busy",
  paused: "busy",
  lease_lost: "bad",
  timeout: "bad",
  panic: "bad",
  indexing: "busy",
  in_progress: "busy",
};

export function Badge({ value, label }: { value: string; label?: string }) {
  return <span className={`badge ${TONES[value] ?? ""}`}>{label ?? words(value)}</span>;
}

/** One line of a list of facts. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export function When({ at }: { at: string | null | undefined }) {
  if (!at) return <span className="muted">–</span>;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {relative(at)}
    </time>
  );
}

/** Asks before something is lost. */
export function Confirm({ title, action, disabled, children, onConfirm, onClose }: { title: string; action: string; disabled?: boolean; children: ReactNode; onConfirm: () => void; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      <div>{children}</div>
      <div className="actions">
        <button type="button" onClick={() => ref.current?.close()}>
          Keep
        </button>
        <button
          type="button"
          className="danger"
          disabled={disabled}
          onClick={() => {
            onConfirm();
            ref.current?.close();
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
