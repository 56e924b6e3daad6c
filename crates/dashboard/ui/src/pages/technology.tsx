/** One technology: its form with every field, its repositories, its end. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { repositories, technologies, type Tagged } from "../api/endpoints";
import { keys } from "../api/keys";
import { ApiProblem, messageOf } from "../api/problem";
import { COST_TIERS, DIFFICULTIES, DOMAINS, MATURITIES, RINGS, TECHNOLOGY_STATUSES, type Id, type TechnologyView, type UpdateTechnology } from "../api/schema";
import { Confirm, PageHead, Ready } from "../components/basics";
import { Form, SelectField, TextArea, TextField, useForm, type Values } from "../components/form";
import { options } from "../components/options";
import { useToasts } from "../components/toasts";
import { dateInput, dateValue } from "../lib/text";
import { NotFound } from "./not-found";

export function TechnologyPage() {
  const { id } = useParams();
  if (id === "new") return <NewTechnology />;
  const number = Number(id);
  return Number.isSafeInteger(number) ? <OneTechnology key={number} id={number} /> : <NotFound />;
}

function NewTechnology() {
  return (
    <>
      <PageHead title="New technology" />
      <section className="panel">
        <TechnologyForm before={null} />
      </section>
    </>
  );
}

function OneTechnology({ id }: { id: Id }) {
  const one = useQuery({ queryKey: keys.technologies("one", id), queryFn: () => technologies.get(id) });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return (
    <Ready query={one}>
      {(before) => (
        <>
          <PageHead title={before.value.title}>
            <DeleteTechnology technology={before.value} />
          </PageHead>
          <section className="panel">
            <TechnologyForm key={before.value.version} before={before} />
          </section>
          <LinkedRepositories id={id} />
        </>
      )}
    </Ready>
  );
}

const TEXTS = ["vendor", "description", "notes", "use_cases", "documentation_url", "repository_url", "website_url", "tags", "alternatives", "ring", "integration_difficulty", "maturity_level", "cost_tier"] as const;
const NUMBERS = ["latency_ms", "throughput_qps", "integration_time_estimate_days", "stability_score", "cost_monthly_usd", "hn_score_avg", "github_stars"] as const;
const DATES = ["last_hn_mention", "github_last_commit"] as const;
const INPUTS = ["title", "domain", "status", "priority", "relevance_score", "dependencies", ...TEXTS, ...NUMBERS, ...DATES];

/** The form's values as the API takes them. */
function technologyBody(values: Values, before?: TechnologyView): UpdateTechnology & { title: string } {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, values.optional(name)]));
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, values.number(name)]));
  const dates = Object.fromEntries(DATES.map((name) => [name, dateValue(values.text(name), before?.[name])]));
  return {
    title: values.text("title"),
    domain: values.text("domain"),
    status: values.text("status"),
    priority: values.number("priority") ?? undefined,
    relevance_score: values.number("relevance_score") ?? undefined,
    dependencies: dependencies(values.text("dependencies")),
    ...texts,
    ...numbers,
    ...dates,
  };
}

function dependencies(text: string): Record<string, unknown> | null {
  if (!text) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new ApiProblem(422, { detail: "Some fields need another value.", errors: [{ field: "dependencies", code: "invalid", message: "must be a JSON object" }] });
  }
}

function TechnologyForm({ before }: { before: Tagged<TechnologyView> | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const known = before?.value;
  const form = useForm(
    (values) => (before ? technologies.update(before.value.id, technologyBody(values, before.value), before.etag) : technologies.create(technologyBody(values))),
    (technology) => {
      toasts.good(`${technology.title} is saved.`);
      void queries.invalidateQueries({ queryKey: keys.technologies() });
      void queries.invalidateQueries({ queryKey: keys.dashboard() });
      if (!before) void navigate(`/technologies/${technology.id}`);
    },
  );
  return (
    <Form form={form} inputs={INPUTS} label={known ? "Change technology" : "New technology"} action={known ? "Save changes" : "Create technology"} className="columns">
      <TextField name="title" label="Title" required initial={known?.title} />
      <TextField name="vendor" label="Vendor" initial={known?.vendor} />
      <SelectField name="domain" label="Domain" options={options(DOMAINS)} initial={known?.domain ?? "other"} />
      <SelectField name="status" label="Status" options={options(TECHNOLOGY_STATUSES)} initial={known?.status ?? "discovery"} />
      <SelectField name="ring" label="Ring" options={options(RINGS)} empty="Not on the radar" initial={known?.ring} />
      <TextField name="priority" label="Priority" type="number" min={1} max={5} step="1" initial={known?.priority ?? 3} hint="1 to 5; 5 is the highest." />
      <TextField name="relevance_score" label="Relevance" type="number" min={0} max={100} step="1" initial={known?.relevance_score ?? 50} hint="0 to 100." />
      <TextField name="tags" label="Tags" initial={known?.tags} hint="Separated by commas." />
      <TextArea name="description" label="Description" initial={known?.description} />
      <TextArea name="use_cases" label="Use cases" initial={known?.use_cases} />
      <TextArea name="notes" label="Notes" initial={known?.notes} />
      <fieldset>
        <legend>Links</legend>
        <TextField name="website_url" label="Website" type="url" initial={known?.website_url} />
        <TextField name="documentation_url" label="Documentation" type="url" initial={known?.documentation_url} />
        <TextField name="repository_url" label="Source" type="url" initial={known?.repository_url} />
      </fieldset>
      <fieldset>
        <legend>Performance and maturity</legend>
        <TextField name="latency_ms" label="Latency (ms)" type="number" min={0} initial={known?.latency_ms} hint="99th percentile." />
        <TextField name="throughput_qps" label="Throughput (queries per second)" type="number" min={0} step="1" initial={known?.throughput_qps} />
        <SelectField name="maturity_level" label="Maturity" options={options(MATURITIES)} empty="Unknown" initial={known?.maturity_level} />
        <TextField name="stability_score" label="Stability" type="number" min={0} max={100} step="1" initial={known?.stability_score} hint="0 to 100." />
      </fieldset>
      <fieldset>
        <legend>Integration and cost</legend>
        <SelectField name="integration_difficulty" label="Difficulty" options={options(DIFFICULTIES)} empty="Unknown" initial={known?.integration_difficulty} />
        <TextField name="integration_time_estimate_days" label="Estimate (days)" type="number" min={0} step="1" initial={known?.integration_time_estimate_days} />
        <SelectField name="cost_tier" label="Cost tier" options={options(COST_TIERS)} empty="Unknown" initial={known?.cost_tier} />
        <TextField name="cost_monthly_usd" label="Cost per month (USD)" type="number" min={0} initial={known?.cost_monthly_usd} />
      </fieldset>
      <fieldset>
        <legend>Relations and signals</legend>
        <TextField name="alternatives" label="Alternatives" initial={known?.alternatives} hint="Ids of technologies, separated by commas." />
        <TextField name="hn_score_avg" label="Hacker News score, average" type="number" min={0} step="1" initial={known?.hn_score_avg} />
        <TextField name="last_hn_mention" label="Last mention on Hacker News" type="date" initial={dateInput(known?.last_hn_mention)} />
        <TextField name="github_stars" label="GitHub stars" type="number" min={0} step="1" initial={known?.github_stars} />
        <TextField name="github_last_commit" label="Last commit at GitHub" type="date" initial={dateInput(known?.github_last_commit)} />
        <TextArea name="dependencies" label="Dependencies" rows={2} initial={known?.dependencies ? JSON.stringify(known.dependencies) : ""} hint='A JSON object: technology id to relationship, such as {"12": "requires"}.' />
      </fieldset>
    </Form>
  );
}

function DeleteTechnology({ technology }: { technology: TechnologyView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => technologies.remove(technology.id),
    onSuccess: () => {
      toasts.good(`${technology.title} is deleted.`);
      queries.removeQueries({ queryKey: keys.technologies("one", technology.id) });
      void queries.invalidateQueries({ queryKey: keys.technologies("list") });
      void queries.invalidateQueries({ queryKey: keys.dashboard() });
      void navigate("/technologies");
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Delete technology
      </button>
      {asking && (
        <Confirm title={`Delete ${technology.title}?`} action="Delete" onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
          <p>Its research tasks are deleted with it.</p>
        </Confirm>
      )}
    </>
  );
}

function LinkedRepositories({ id }: { id: Id }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const key = keys.technologies("repositories", id);
  const linked = useQuery({ queryKey: key, queryFn: () => technologies.repositories(id) });
  const all = useQuery({ queryKey: keys.repositories("choices"), queryFn: () => repositories.list({ limit: 100, sort: "full_name" }) });
  const settled = { onSuccess: () => queries.invalidateQueries({ queryKey: key }), onError: (error: Error) => toasts.bad(messageOf(error)) };
  const unlink = useMutation({ mutationFn: (repository: Id) => technologies.unlink(id, repository), ...settled });
  const form = useForm(
    (values) => technologies.link(id, values.number("repository") ?? 0),
    () => void queries.invalidateQueries({ queryKey: key }),
  );
  const taken = new Set(linked.data?.items.map((repository) => repository.id));
  const free = all.data?.items.filter((repository) => !taken.has(repository.id)) ?? [];
  return (
    <section className="panel" aria-labelledby="linked">
      <h2 id="linked">Repositories that use it</h2>
      <Ready query={linked}>
        {(page) =>
          page.items.length > 0 ? (
            <ul className="plain-list">
              {page.items.map((repository) => (
                <li key={repository.id}>
                  <span>{repository.full_name}</span>
                  <button type="button" aria-label={`Unlink ${repository.full_name}`} onClick={() => unlink.mutate(repository.id)}>
                    Unlink
                  </button>
                </li>
              ))}
            </ul>
          ) : (
            <p className="muted">None yet.</p>
          )
        }
      </Ready>
      {free.length > 0 ? (
        <Form form={form} inputs={["repository"]} label="Link a repository" action="Link repository" busy="Linking…">
          <SelectField name="repository" label="Repository" options={free.map((repository) => ({ value: String(repository.id), label: repository.full_name }))} />
        </Form>
      ) : (
        all.data && (
          <p className="hint">
            Every repository of the project is linked, or there is none: <Link to="/repositories">add one</Link>.
          </p>
        )
      )}
    </section>
  );
}
