/** The project's sources: how each stands, when it is read, what it brought. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { Page } from "../../api/schema";
import { SOURCE_KINDS, type SourceView } from "../../api/sources-schema";
import { Badge, Empty, PageHead, Progress, Ready, When } from "../../components/basics";
import { Filter, Pagination, SortHead, useListState, type ListState } from "../../components/list";
import { atLeast, useRole } from "../../lib/access";
import { RunButton } from "./actions";
import { isRead, kindOf, KINDS } from "./kinds";
import { readingOf, useReadings, useSourceRun } from "./live";
import { standingOf } from "./standing";

const KIND_CHOICES = SOURCE_KINDS.map((value) => ({ value, label: KINDS[value].label }));
const STATE_CHOICES = [
  { value: "true", label: "Active" },
  { value: "false", label: "Paused" },
];

export function Sources() {
  const state = useListState("");
  const mayWrite = atLeast(useRole(), "member");
  const query = { page: state.page, limit: 20, sort: state.sort, type: state.get("type"), enabled: state.get("enabled") };
  const list = useQuery({ queryKey: keys.sources("list", query), queryFn: () => sources.list(query), placeholderData: (before) => before });
  const filtered = query.type !== "" || query.enabled !== "";
  return (
    <>
      <PageHead title="Sources">
        {mayWrite && (
          <Link className="button primary" to="/sources/new">
            New source
          </Link>
        )}
      </PageHead>
      <div className="filters">
        <Filter name="type" label="Kind" options={KIND_CHOICES} state={state} />
        <Filter name="enabled" label="State" options={STATE_CHOICES} state={state} />
      </div>
      <Ready query={list}>{(page) => (page.items.length > 0 ? <SourceList page={page} state={state} /> : <NoSource filtered={filtered} mayWrite={mayWrite} />)}</Ready>
    </>
  );
}

function NoSource({ filtered, mayWrite }: { filtered: boolean; mayWrite: boolean }) {
  if (filtered) return <Empty title="No source matches">Widen the filters above.</Empty>;
  return (
    <Empty title="No source yet">
      <p>
        A source is a place that this project reads into its knowledge base again and again: a documentation site, a feed, a folder of the server, a search of Hacker News, or a door
        that other programs push documents through.
      </p>
      {mayWrite ? <Link to="/sources/new">Add the first source</Link> : <p>Members of the project add them.</p>}
    </Empty>
  );
}

function SourceList({ page, state }: { page: Page<SourceView>; state: ListState }) {
  const readings = useReadings(page.items.some((source) => source.enabled && isRead(source.type)));
  return (
    <>
      <div className="table-wrap">
        <table className="sources">
          <thead>
            <tr>
              <SortHead field="name" label="Source" state={state} />
              <th scope="col">State</th>
              <SortHead field="last_run" label="Last run" state={state} />
              <th scope="col">Next run</th>
              <th scope="col">Documents</th>
              <th scope="col">Unreadable</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {page.items.map((source) => (
              <Row key={source.id} source={source} found={readingOf(source.id, readings)} />
            ))}
          </tbody>
        </table>
      </div>
      <Pagination page={page} state={state} />
    </>
  );
}

function Row({ source, found }: { source: SourceView; found: number | null }) {
  const run = useSourceRun(source, found);
  const where = source.url ?? source.path;
  return (
    <tr>
      <th scope="row">
        <Link to={`/sources/${source.id}`}>{source.name}</Link>
        <div className="hint wrapped">{[kindOf(source.type).label, where].filter(Boolean).join(" · ")}</div>
      </th>
      <td>
        {run.live ? <Progress value={run.live.progress} label={`Reading ${source.name}`} text={run.live.step ?? run.live.status} /> : <Badge {...standingOf(source)} />}
        {source.last_error && !run.busy && <div className="field-problem clipped">{source.last_error}</div>}
      </td>
      <td>
        <When at={source.last_run} />
      </td>
      <td>
        <When at={source.enabled ? source.next_run_at : null} />
      </td>
      <td>{source.documents_ingested}</td>
      <td>{source.error_count > 0 ? <Link to={`/sources/${source.id}?state=failed`}>{source.error_count}</Link> : 0}</td>
      <td>
        <div className="actions">
          <RunButton source={source} run={run} />
        </div>
      </td>
    </tr>
  );
}
