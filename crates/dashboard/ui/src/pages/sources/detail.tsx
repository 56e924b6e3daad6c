/** One source: how it stands, what it was told, its runs and its items. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { Id } from "../../api/schema";
import type { SourceView } from "../../api/sources-schema";
import { Badge, Fact, PageHead, Progress, Ready, When } from "../../components/basics";
import { atLeast, useRole } from "../../lib/access";
import { words } from "../../lib/text";
import { NotFound } from "../not-found";
import { DeleteSource, PauseButton, RunButton } from "./actions";
import { Items } from "./items";
import { isRead, kindOf } from "./kinds";
import { readingOf, useReadings, useSourceRun } from "./live";
import { Push } from "./push";
import { Runs } from "./runs";
import { standingOf } from "./standing";

export function SourcePage() {
  const number = Number(useParams().id);
  return Number.isSafeInteger(number) && number > 0 ? <OneSource key={number} id={number} /> : <NotFound />;
}

function OneSource({ id }: { id: Id }) {
  const one = useQuery({ queryKey: keys.sources("one", id), queryFn: () => sources.get(id) });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return <Ready query={one}>{({ value }) => <Detail source={value} />}</Ready>;
}

function Detail({ source }: { source: SourceView }) {
  const navigate = useNavigate();
  const readable = isRead(source.type);
  const readings = useReadings(readable && source.enabled);
  const run = useSourceRun(source, readingOf(source.id, readings));
  const mayWrite = atLeast(useRole(), "member");
  return (
    <>
      <p>
        <Link to="/sources">All sources</Link>
      </p>
      <PageHead title={source.name}>
        <div className="actions">
          <RunButton source={source} run={run} />
          {mayWrite && (
            <Link className="button" to={`/sources/${source.id}/edit`}>
              Change
            </Link>
          )}
          <PauseButton source={source} />
          <DeleteSource source={source} onDeleted={() => void navigate("/sources")} />
        </div>
      </PageHead>
      {run.live && (
        <section className="panel standing" aria-label="Run under way">
          <Progress value={run.live.progress} label={`Reading ${source.name}`} text={run.live.step ?? run.live.status} />
          {run.job !== null && (
            <p className="hint">
              <Link to={`/jobs/${run.job}`}>Job {run.job}</Link>, where it can be cancelled.
            </p>
          )}
        </section>
      )}
      {source.last_error && !run.live && (
        <p className="notice bad wrapped">
          <strong>The last run did not reach its end: </strong>
          {source.last_error}
        </p>
      )}
      <div className="grid wide">
        <Standing source={source} />
        <Settings source={source} />
      </div>
      {!readable && <Push source={source.id} hasSecret={source.has_secret} />}
      {readable && <Runs source={source.id} />}
      {readable && <Items source={source.id} />}
    </>
  );
}

function Standing({ source }: { source: SourceView }) {
  const readable = isRead(source.type);
  return (
    <section className="panel" aria-labelledby="standing">
      <h2 id="standing">Standing</h2>
      <dl className="facts">
        <Fact name="State">
          <Badge {...standingOf(source)} />
        </Fact>
        {readable && (
          <>
            <Fact name="Last run">
              <When at={source.last_run} />
            </Fact>
            <Fact name="Last success">
              <When at={source.last_success} />
            </Fact>
            <Fact name="Next run">{source.enabled && source.next_run_at ? <When at={source.next_run_at} /> : <span className="muted">{source.enabled ? "When somebody runs it" : "Paused"}</span>}</Fact>
            <Fact name="Schedule">{source.schedule ? <code>{source.schedule}</code> : <span className="muted">None</span>}</Fact>
          </>
        )}
        <Fact name="Documents">{source.documents_ingested}</Fact>
        {readable && <Fact name="Unreadable">{source.error_count}</Fact>}
      </dl>
    </section>
  );
}

function Settings({ source }: { source: SourceView }) {
  const kind = kindOf(source.type);
  const named = (key: string) => kind.settings.find((setting) => setting.key === key)?.label ?? words(key);
  const told = Object.entries(source.config).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0));
  return (
    <section className="panel" aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <dl className="facts">
        <Fact name="Kind">{kind.label}</Fact>
        {source.url && (
          <Fact name={kind.place?.label ?? "Address"}>
            <a href={source.url} rel="noreferrer">
              {source.url}
            </a>
          </Fact>
        )}
        {source.path && (
          <Fact name={kind.place?.label ?? "Path"}>
            <code>{source.path}</code>
          </Fact>
        )}
        {told.map(([key, value]) => (
          <Fact key={key} name={named(key)}>
            {said(value)}
          </Fact>
        ))}
        <Fact name="Priority">{source.priority}</Fact>
      </dl>
    </section>
  );
}

function said(value: unknown): ReactNode {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" || typeof value === "number" ? value : <code>{JSON.stringify(value)}</code>;
}
