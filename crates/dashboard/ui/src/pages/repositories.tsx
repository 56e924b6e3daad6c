/** Repositories: add, synchronise with live progress, delete. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { jobs, repositories } from "../api/endpoints";
import type { JobView } from "../api/jobs-schema";
import { keys } from "../api/keys";
import { messageOf } from "../api/problem";
import type { Id, RepositoryView } from "../api/schema";
import { Badge, Confirm, Empty, PageHead, Progress, Ready, When } from "../components/basics";
import { CheckField, Form, TextField, useForm } from "../components/form";
import { Pagination, SearchBox, SortHead, useListState, type ListState } from "../components/list";
import { useToasts } from "../components/toasts";
import { isFinished, useJobProgress } from "../live/jobs";

export function Repositories() {
  const state = useListState("-updated_at");
  const query = { page: state.page, limit: 20, sort: state.sort, search: state.get("search") };
  const list = useQuery({ queryKey: keys.repositories("list", query), queryFn: () => repositories.list(query), placeholderData: (before) => before });
  const syncing = list.data?.items.some((repository) => repository.sync_status === "syncing") ?? false;
  // After a reload the jobs that are under way are found again.
  const running = useQuery({
    queryKey: keys.jobs("syncs"),
    queryFn: () => jobs.list({ job_type: "repository_sync", limit: 50 }),
    enabled: syncing,
  });
  return (
    <>
      <PageHead title="Repositories">
        <SearchBox label="Search repositories" state={state} />
      </PageHead>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <RepositoryTable items={page.items} state={state} running={running.data?.items ?? []} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title={state.get("search") ? "No repository matches" : "No repository yet"}>Add one below: its README and documentation become searchable knowledge.</Empty>
          )
        }
      </Ready>
      <section className="panel" aria-labelledby="add-repository">
        <h2 id="add-repository">Add a repository</h2>
        <AddRepository />
      </section>
    </>
  );
}

function RepositoryTable({ items, state, running }: { items: RepositoryView[]; state: ListState; running: JobView[] }) {
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <SortHead field="full_name" label="Repository" state={state} />
            <th scope="col">State</th>
            <th scope="col">Last commit</th>
            <SortHead field="last_synced_at" label="Synchronised" state={state} />
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((repository) => (
            <Row key={repository.id} repository={repository} found={jobOf(repository.id, running)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function jobOf(repository: Id, running: JobView[]): Id | null {
  return running.find((job) => job.parameters.repository_id === repository && !isFinished(job.status))?.id ?? null;
}

function Row({ repository, found }: { repository: RepositoryView; found: Id | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [started, setStarted] = useState<Id | null>(null);
  const [asking, setAsking] = useState(false);
  const job = useJobProgress(started ?? found, (end) => {
    if (end.status === "completed") toasts.good(`${repository.full_name} is synchronised.`);
    else toasts.bad(`${repository.full_name}: ${end.error ?? `the synchronisation was ${end.status}`}`);
    for (const key of [keys.repositories(), keys.knowledge(), keys.dashboard(), keys.jobs()]) void queries.invalidateQueries({ queryKey: key });
    setStarted(null);
  });
  const sync = useMutation({
    mutationFn: () => repositories.sync(repository.id),
    onSuccess: ({ job_id }) => setStarted(job_id),
    onError: (error) => toasts.bad(messageOf(error)),
  });
  const remove = useMutation({
    mutationFn: () => repositories.remove(repository.id),
    onSuccess: () => {
      toasts.good(`${repository.full_name} is deleted.`);
      for (const key of [keys.repositories(), keys.knowledge(), keys.dashboard()]) void queries.invalidateQueries({ queryKey: key });
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  const busy = sync.isPending || (job !== null && !job.done);
  return (
    <tr>
      <th scope="row">
        {repository.url ? <a href={repository.url}>{repository.full_name}</a> : repository.full_name}
        <div className="hint">{[repository.language, repository.description].filter(Boolean).join(" · ")}</div>
      </th>
      <td>
        {job !== null && !job.done ? <Progress value={job.progress} label={`Synchronising ${repository.full_name}`} text={job.step ?? job.status} /> : <Badge value={repository.sync_status} />}
        {repository.sync_error && !busy && <div className="field-problem">{repository.sync_error}</div>}
      </td>
      <td>
        {repository.last_commit_sha ? (
          <>
            <code>{repository.last_commit_sha.slice(0, 7)}</code> {repository.last_commit_message?.split("\n")[0]}
            <div className="hint">
              {repository.last_commit_author} <When at={repository.last_commit_date} />
            </div>
          </>
        ) : (
          <span className="muted">–</span>
        )}
      </td>
      <td>
        <When at={repository.last_synced_at} />
      </td>
      <td>
        <div className="actions">
          <button type="button" aria-label={`Synchronise ${repository.full_name}`} disabled={busy} onClick={() => sync.mutate()}>
            {busy ? "Synchronising…" : "Synchronise"}
          </button>
          <button type="button" className="danger" aria-label={`Delete ${repository.full_name}`} onClick={() => setAsking(true)}>
            Delete
          </button>
        </div>
        {asking && (
          <Confirm title={`Delete ${repository.full_name}?`} action="Delete" onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
            <p>Its commits and the documents read from it leave this project too. The repository at GitHub stays.</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

const INPUTS = ["owner", "name", "description", "access_token"];

function AddRepository() {
  const queries = useQueryClient();
  const toasts = useToasts();
  const form = useForm(
    (values) =>
      repositories.create({
        owner: values.text("owner"),
        name: values.text("name"),
        description: values.optional("description") ?? undefined,
        access_token: values.optional("access_token") ?? undefined,
        is_private: values.checked("is_private") || undefined,
      }),
    (repository) => {
      toasts.good(`${repository.full_name} is tracked now.`);
      void queries.invalidateQueries({ queryKey: keys.repositories() });
      void queries.invalidateQueries({ queryKey: keys.dashboard() });
    },
  );
  return (
    <Form form={form} inputs={INPUTS} label="Add a repository" action="Add repository" busy="Adding…" className="columns">
      <TextField name="owner" label="Owner" required hint="A GitHub user or organisation." />
      <TextField name="name" label="Name" required />
      <TextField name="description" label="Description" />
      <TextField name="access_token" label="Access token" type="password" autoComplete="off" hint="For private repositories; kept encrypted and never shown again." />
      <CheckField name="is_private" label="Private repository" />
    </Form>
  );
}
