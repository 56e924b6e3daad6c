/** Research tasks of the project. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { research } from "../api/endpoints";
import { keys } from "../api/keys";
import { TASK_STATUSES, type TaskView } from "../api/schema";
import { Badge, Empty, PageHead, Progress, Ready, When } from "../components/basics";
import { Filter, Pagination, SearchBox, SortHead, useListState, type ListState } from "../components/list";
import { options } from "../components/options";

export function Research() {
  const state = useListState("");
  const query = { page: state.page, limit: 20, sort: state.sort, status: state.get("status"), search: state.get("search") };
  const list = useQuery({ queryKey: keys.research("list", query), queryFn: () => research.list(query), placeholderData: (before) => before });
  const filtered = query.status !== "" || query.search !== "";
  return (
    <>
      <PageHead title="Research">
        <Link className="button primary" to="/research/new">
          New task
        </Link>
      </PageHead>
      <div className="filters">
        <SearchBox label="Search tasks" state={state} />
        <Filter name="status" label="Status" options={options(TASK_STATUSES)} state={state} />
      </div>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <TaskTable items={page.items} state={state} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title={filtered ? "No task matches" : "No research task yet"}>
              {filtered ? "Widen the filters above." : <Link to="/research/new">Write down the first question</Link>}
            </Empty>
          )
        }
      </Ready>
    </>
  );
}

function TaskTable({ items, state }: { items: TaskView[]; state: ListState }) {
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <SortHead field="title" label="Title" state={state} />
            <SortHead field="status" label="Status" state={state} />
            <th scope="col">Assigned to</th>
            <SortHead field="due_date" label="Due" state={state} />
            <SortHead field="progress_percentage" label="Progress" state={state} />
          </tr>
        </thead>
        <tbody>
          {items.map((task) => (
            <tr key={task.id}>
              <th scope="row">
                <Link to={`/research/${task.id}`}>{task.title}</Link>
              </th>
              <td>
                <Badge value={task.status} />
              </td>
              <td>{task.assigned_to ?? <span className="muted">–</span>}</td>
              <td>
                <When at={task.due_date} />
              </td>
              <td>
                <Progress value={task.progress_percentage} label={`Progress of ${task.title}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
