/** One research task: its form, how far it is, its documents, its end. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useNavigate, useParams } from "react-router";

import { repositories, research, technologies, type Tagged } from "../api/endpoints";
import { keys } from "../api/keys";
import { ApiProblem, messageOf } from "../api/problem";
import { TASK_STATUSES, TASK_TYPES, type Id, type TaskDocumentView, type TaskView, type UpdateTask } from "../api/schema";
import { Badge, Confirm, PageHead, Progress, Ready, When } from "../components/basics";
import { FileField, Form, SelectField, TextArea, TextField, useForm, type Values } from "../components/form";
import { options } from "../components/options";
import { useToasts } from "../components/toasts";
import { save } from "../lib/save";
import { bytes, dateInput, dateValue, words } from "../lib/text";
import { NotFound } from "./not-found";

export function TaskPage() {
  const { id } = useParams();
  if (id === "new") return <NewTask />;
  const number = Number(id);
  return Number.isSafeInteger(number) ? <OneTask key={number} id={number} /> : <NotFound />;
}

function NewTask() {
  return (
    <>
      <PageHead title="New research task" />
      <section className="panel">
        <TaskForm before={null} />
      </section>
    </>
  );
}

function OneTask({ id }: { id: Id }) {
  const one = useQuery({ queryKey: keys.research("one", id), queryFn: () => research.get(id) });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return (
    <Ready query={one}>
      {(before) => (
        <>
          <PageHead title={before.value.title}>
            <DeleteTask task={before.value} />
          </PageHead>
          <Standing key={`standing-${before.value.version}`} task={before.value} />
          <section className="panel">
            <TaskForm key={before.value.version} before={before} />
          </section>
          <Documents id={id} />
        </>
      )}
    </Ready>
  );
}

/** Status and progress, each changed on its own. */
function Standing({ task }: { task: TaskView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const status = useId();
  const settled = {
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.research() });
      void queries.invalidateQueries({ queryKey: keys.dashboard() });
    },
    onError: (error: Error) => toasts.bad(messageOf(error)),
  };
  const move = useMutation({ mutationFn: (next: string) => research.setStatus(task.id, next), ...settled });
  const form = useForm((values) => research.setProgress(task.id, values.number("progress_percentage") ?? 0), settled.onSuccess);
  return (
    <section className="panel grid" aria-label="Standing">
      <div className="field">
        <label htmlFor={status}>Status</label>
        <select id={status} value={task.status} disabled={move.isPending} onChange={(event) => move.mutate(event.target.value)}>
          {TASK_STATUSES.map((value) => (
            <option key={value} value={value}>
              {words(value)}
            </option>
          ))}
        </select>
        {task.completed_at && (
          <span className="hint">
            Completed <When at={task.completed_at} />
          </span>
        )}
      </div>
      <div>
        <Badge value={task.status} />
        <Progress value={task.progress_percentage} label="Progress of the task" />
      </div>
      <Form form={form} inputs={["progress_percentage"]} label="Progress" action="Set progress">
        <TextField name="progress_percentage" label="Progress (%)" type="number" min={0} max={100} step="1" initial={task.progress_percentage} hint="100 completes the task." />
      </Form>
    </section>
  );
}

const INPUTS = ["title", "description", "task_type", "technology_id", "repository_id", "assigned_to", "due_date", "estimated_hours", "actual_hours", "user_notes", "findings"];

function taskBody(values: Values, before?: TaskView): UpdateTask & { title: string } {
  return {
    title: values.text("title"),
    description: values.optional("description"),
    technology_id: values.number("technology_id"),
    repository_id: values.number("repository_id"),
    user_notes: values.optional("user_notes"),
    findings: values.optional("findings"),
    assigned_to: values.optional("assigned_to"),
    due_date: dateValue(values.text("due_date"), before?.due_date),
    estimated_hours: values.number("estimated_hours"),
  };
}

function TaskForm({ before }: { before: Tagged<TaskView> | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const known = before?.value;
  const technologyList = useQuery({ queryKey: keys.technologies("choices"), queryFn: () => technologies.list({ limit: 100, sort: "title" }) });
  const repositoryList = useQuery({ queryKey: keys.repositories("choices"), queryFn: () => repositories.list({ limit: 100, sort: "full_name" }) });
  const form = useForm(
    (values) =>
      before
        ? research.update(before.value.id, { ...taskBody(values, before.value), actual_hours: values.number("actual_hours") }, before.etag)
        : research.create({ ...taskBody(values), task_type: values.text("task_type") }),
    (task) => {
      toasts.good(`${task.title} is saved.`);
      void queries.invalidateQueries({ queryKey: keys.research() });
      void queries.invalidateQueries({ queryKey: keys.dashboard() });
      if (!before) void navigate(`/research/${task.id}`);
    },
  );
  // A select takes its first value when it appears, so the choices come first.
  if (technologyList.isPending || repositoryList.isPending) return <Ready query={technologyList}>{() => null}</Ready>;
  const technologyChoices = choices(technologyList.data?.items.map(({ id, title }) => ({ id, text: title })), known?.technology_id);
  const repositoryChoices = choices(repositoryList.data?.items.map(({ id, full_name }) => ({ id, text: full_name })), known?.repository_id);
  return (
    <Form form={form} inputs={INPUTS} label={known ? "Change task" : "New task"} action={known ? "Save changes" : "Create task"} className="columns">
      <TextField name="title" label="Title" required initial={known?.title} />
      {!known && <SelectField name="task_type" label="Kind" options={options(TASK_TYPES)} initial="research" />}
      <TextField name="assigned_to" label="Assigned to" initial={known?.assigned_to} />
      <TextField name="due_date" label="Due" type="date" initial={dateInput(known?.due_date)} />
      <TextField name="estimated_hours" label="Estimated hours" type="number" min={0} step="1" initial={known?.estimated_hours} />
      {known && <TextField name="actual_hours" label="Actual hours" type="number" min={0} step="1" initial={known.actual_hours} />}
      <SelectField name="technology_id" label="Technology" options={technologyChoices} empty="None" initial={known?.technology_id} />
      <SelectField name="repository_id" label="Repository" options={repositoryChoices} empty="None" initial={known?.repository_id} />
      <TextArea name="description" label="Description" initial={known?.description} />
      <TextArea name="user_notes" label="Notes" initial={known?.user_notes} />
      <TextArea name="findings" label="Findings" initial={known?.findings} />
    </Form>
  );
}

/** The choices, with the chosen one even when it is beyond the first page. */
function choices(items: { id: Id; text: string }[] = [], chosen: Id | null | undefined) {
  const known = chosen == null || items.some(({ id }) => id === chosen);
  const all = known ? items : [...items, { id: chosen, text: `#${chosen}` }];
  return all.map(({ id, text }) => ({ value: String(id), label: text }));
}

function DeleteTask({ task }: { task: TaskView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => research.remove(task.id),
    onSuccess: () => {
      toasts.good(`${task.title} is deleted.`);
      queries.removeQueries({ queryKey: keys.research("one", task.id) });
      void queries.invalidateQueries({ queryKey: keys.research("list") });
      void queries.invalidateQueries({ queryKey: keys.dashboard() });
      void navigate("/research");
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Delete task
      </button>
      {asking && (
        <Confirm title={`Delete ${task.title}?`} action="Delete" onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
          <p>Its documents are deleted with it.</p>
        </Confirm>
      )}
    </>
  );
}

function Documents({ id }: { id: Id }) {
  const queries = useQueryClient();
  const key = keys.research("documents", id);
  const list = useQuery({ queryKey: key, queryFn: () => research.documents(id) });
  const form = useForm(
    (values) => {
      const file = values.file("file");
      if (!file) throw new ApiProblem(422, { detail: "Choose a file.", errors: [{ field: "file", code: "required", message: "choose a file" }] });
      return research.attach(id, file);
    },
    () => void queries.invalidateQueries({ queryKey: keys.research() }),
  );
  return (
    <section className="panel" aria-labelledby="documents">
      <h2 id="documents">Documents</h2>
      <Ready query={list}>
        {({ documents }) =>
          documents.length > 0 ? (
            <ul className="plain-list">
              {documents.map((document) => (
                <DocumentLine key={document.id} task={id} document={document} />
              ))}
            </ul>
          ) : (
            <p className="muted">None yet.</p>
          )
        }
      </Ready>
      <Form form={form} inputs={["file"]} label="Attach a document" action="Attach" busy="Uploading…">
        <FileField name="file" label="File" hint="Up to 50 MiB." />
      </Form>
    </section>
  );
}

function DocumentLine({ task, document: file }: { task: Id; document: TaskDocumentView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const onError = (error: Error) => toasts.bad(messageOf(error));
  const download = useMutation({ mutationFn: () => research.download(task, file.id), onSuccess: (blob) => save(blob, file.filename), onError });
  const remove = useMutation({ mutationFn: () => research.detach(task, file.id), onSuccess: () => queries.invalidateQueries({ queryKey: keys.research() }), onError });
  return (
    <li>
      <span>
        {file.filename} <span className="muted">{bytes(file.size)}</span>
      </span>
      <span className="actions">
        <button type="button" aria-label={`Download ${file.filename}`} onClick={() => download.mutate()}>
          Download
        </button>
        <button type="button" className="danger" aria-label={`Delete ${file.filename}`} onClick={() => setAsking(true)}>
          Delete
        </button>
      </span>
      {asking && (
        <Confirm title={`Delete ${file.filename}?`} action="Delete" onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
          <p>The file cannot be brought back.</p>
        </Confirm>
      )}
    </li>
  );
}
