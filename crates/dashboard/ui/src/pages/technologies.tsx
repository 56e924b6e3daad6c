/** The technologies of the project as a table. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { technologies } from "../api/endpoints";
import { keys } from "../api/keys";
import { DOMAINS, RINGS, TECHNOLOGY_STATUSES, type TechnologyView } from "../api/schema";
import { Badge, Empty, PageHead, Ready, When } from "../components/basics";
import { Filter, Pagination, SearchBox, SortHead, useListState, type ListState } from "../components/list";
import { options } from "../components/options";
import { words } from "../lib/text";

const PRIORITIES = [5, 4, 3, 2].map((value) => ({ value: String(value), label: `${value} and above` }));
const FILTERS = ["search", "domain", "status", "ring", "priority_min"] as const;

export function Technologies() {
  const state = useListState("");
  const filters = Object.fromEntries(FILTERS.map((name) => [name, state.get(name)]));
  const query = { page: state.page, limit: 20, sort: state.sort, ...filters };
  const list = useQuery({ queryKey: keys.technologies("list", query), queryFn: () => technologies.list(query), placeholderData: (before) => before });
  const filtered = FILTERS.some((name) => state.get(name) !== "");
  return (
    <>
      <PageHead title="Technologies">
        <Link className="button primary" to="/technologies/new">
          New technology
        </Link>
      </PageHead>
      <div className="filters">
        <SearchBox label="Search technologies" state={state} />
        <Filter name="domain" label="Domain" options={options(DOMAINS)} state={state} />
        <Filter name="status" label="Status" options={options(TECHNOLOGY_STATUSES)} state={state} />
        <Filter name="ring" label="Ring" options={options(RINGS)} state={state} />
        <Filter name="priority_min" label="Priority" options={PRIORITIES} state={state} />
      </div>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <TechnologyTable items={page.items} state={state} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title={filtered ? "No technology matches" : "No technology yet"}>
              {filtered ? "Widen the filters above." : <Link to="/technologies/new">Add the first technology to watch</Link>}
            </Empty>
          )
        }
      </Ready>
    </>
  );
}

function TechnologyTable({ items, state }: { items: TechnologyView[]; state: ListState }) {
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <SortHead field="title" label="Title" state={state} />
            <th scope="col">Domain</th>
            <SortHead field="status" label="Status" state={state} />
            <th scope="col">Ring</th>
            <SortHead field="priority" label="Priority" state={state} />
            <SortHead field="relevance_score" label="Relevance" state={state} />
            <SortHead field="updated_at" label="Changed" state={state} />
          </tr>
        </thead>
        <tbody>
          {items.map((technology) => (
            <tr key={technology.id}>
              <th scope="row">
                <Link to={`/technologies/${technology.id}`}>{technology.title}</Link>
                {technology.vendor && <div className="hint">{technology.vendor}</div>}
              </th>
              <td>{words(technology.domain)}</td>
              <td>
                <Badge value={technology.status} />
              </td>
              <td>{technology.ring ? <Badge value={technology.ring} /> : <span className="muted">–</span>}</td>
              <td>{technology.priority}</td>
              <td>{technology.relevance_score}</td>
              <td>
                <When at={technology.updated_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
