/** What there is, what is due, what moved. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { dashboard } from "../api/endpoints";
import { keys } from "../api/keys";
import type { DashboardStats, RecentActivity } from "../api/schema";
import { Badge, PageHead, Ready, When } from "../components/basics";
import { words } from "../lib/text";

export function Overview() {
  const stats = useQuery({ queryKey: keys.stats(), queryFn: dashboard.stats });
  const activity = useQuery({ queryKey: keys.activity(), queryFn: dashboard.activity });
  return (
    <>
      <PageHead title="Overview" />
      <Ready query={stats}>{(data) => <Stats stats={data} />}</Ready>
      <Ready query={activity}>{(data) => <Activity activity={data} />}</Ready>
    </>
  );
}

function Stats({ stats }: { stats: DashboardStats }) {
  const { repositories, technologies, research_tasks: tasks, knowledge_base: base } = stats;
  return (
    <>
      <div className="grid">
        <Number title="Repositories" to="/repositories" value={repositories.total}>
          {repositories.recently_synced.length} synchronised lately
        </Number>
        <Number title="Technologies" to="/technologies" value={technologies.total}>
          {technologies.high_priority.length} of high priority
        </Number>
        <Number title="Research tasks" to="/research" value={tasks.total}>
          {tasks.overdue_count} overdue, {tasks.upcoming_count} coming up
        </Number>
        <Number title="Knowledge" to="/knowledge" value={base.total_documents}>
          documents in {base.total_chunks} passages
        </Number>
      </div>
      <div className="grid wide">
        <Counts title="Technologies by status" counts={technologies.by_status} none="No technologies yet." />
        <Counts title="Research by status" counts={tasks.by_status} none="No research yet." />
        <List title="Overdue research" none="Nothing is overdue.">
          {tasks.overdue_tasks.map((task) => (
            <li key={task.id}>
              <Link to={`/research/${task.id}`}>{task.title}</Link>
              <When at={task.due_date} />
            </li>
          ))}
        </List>
      </div>
    </>
  );
}

function Number({ title, to, value, children }: { title: string; to: string; value: number; children: ReactNode }) {
  return (
    <section className="panel">
      <h2>
        <Link to={to}>{title}</Link>
      </h2>
      <p className="number">{value}</p>
      <p className="muted">{children}</p>
    </section>
  );
}

function Counts({ title, counts, none }: { title: string; counts: Record<string, number>; none: string }) {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return (
    <List title={title} none={none}>
      {some.map(([name, count]) => (
        <li key={name}>
          <span>{words(name)}</span>
          <strong>{count}</strong>
        </li>
      ))}
    </List>
  );
}

function List({ title, none, children }: { title: string; none: string; children: ReactNode[] }) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      {children.length > 0 ? <ul className="plain-list">{children}</ul> : <p className="muted">{none}</p>}
    </section>
  );
}

function Activity({ activity }: { activity: RecentActivity }) {
  return (
    <div className="grid wide">
      <List title="Recent repositories" none="No repository yet: add one under Repositories.">
        {activity.recent_repositories.map((repository) => (
          <li key={repository.id}>
            <Link to="/repositories">{repository.full_name}</Link>
            <When at={repository.updated_at} />
          </li>
        ))}
      </List>
      <List title="Recent technologies" none="No technology yet.">
        {activity.recent_technologies.map((technology) => (
          <li key={technology.id}>
            <Link to={`/technologies/${technology.id}`}>{technology.title}</Link>
            <Badge value={technology.status} />
          </li>
        ))}
      </List>
      <List title="Recent research" none="No research task yet.">
        {activity.recent_tasks.map((task) => (
          <li key={task.id}>
            <Link to={`/research/${task.id}`}>{task.title}</Link>
            <Badge value={task.status} />
          </li>
        ))}
      </List>
    </div>
  );
}
