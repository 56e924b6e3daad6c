/** Run, pause and delete of a source, as far as its kind and the person's role allow. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { messageOf } from "../../api/problem";
import type { SourceView } from "../../api/sources-schema";
import { DeleteButton } from "../../components/delete";
import { useToasts } from "../../components/toasts";
import { atLeast, useRole } from "../../lib/access";
import { count } from "../../lib/text";
import { isRead } from "./kinds";
import type { SourceRun } from "./live";

export function RunButton({ source, run }: { source: SourceView; run: SourceRun }) {
  if (!atLeast(useRole(), "member") || !isRead(source.type) || !source.enabled) return null;
  return (
    <button type="button" aria-label={`${run.busy ? "Running…" : "Run now"}: ${source.name}`} disabled={run.busy} onClick={run.start}>
      {run.busy ? "Running…" : "Run now"}
    </button>
  );
}

export function PauseButton({ source }: { source: SourceView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const change = useMutation({
    mutationFn: () => sources.update(source.id, { enabled: !source.enabled }),
    onSuccess: ({ enabled }) => {
      toasts.good(enabled ? `${source.name} goes on.` : `${source.name} is paused, and its schedule with it.`);
      return queries.invalidateQueries({ queryKey: keys.sources() });
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  if (!atLeast(useRole(), "member")) return null;
  return (
    <button type="button" aria-label={`${source.enabled ? "Pause" : "Resume"} ${source.name}`} disabled={change.isPending} onClick={() => change.mutate()}>
      {source.enabled ? "Pause" : "Resume"}
    </button>
  );
}

export function DeleteSource({ source, onDeleted }: { source: SourceView; onDeleted: () => void }) {
  const queries = useQueryClient();
  // A schedule goes with its source, and schedules are a maintainer's.
  const needed = source.schedule_id == null ? "member" : "maintainer";
  if (!atLeast(useRole(), needed)) return null;
  const deleted = () => {
    onDeleted();
    for (const key of [keys.sources("list"), keys.knowledge(), keys.dashboard()]) void queries.invalidateQueries({ queryKey: key });
  };
  return (
    <DeleteButton name={source.name} label="Delete source" remove={() => sources.remove(source.id)} onDeleted={deleted}>
      <p>
        {source.documents_ingested > 0 ? `${count(source.documents_ingested, "document")} of it leave the knowledge base. ` : ""}
        Its runs, its items and its schedule are deleted with it.
      </p>
    </DeleteButton>
  );
}
