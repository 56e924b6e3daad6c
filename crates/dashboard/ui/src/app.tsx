/** Who sees what: the gate before sign-in, the choice of a project, then the pages. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Route, Routes } from "react-router";

import { projects } from "./api/endpoints";
import { keys } from "./api/keys";
import { session } from "./api/session";
import { ErrorNotice, Loading } from "./components/basics";
import { Shell } from "./layout/shell";
import { account } from "./lib/access";
import { chooseProject, useProjectId } from "./lib/project";
import { ApiKeys } from "./pages/api-keys";
import { Gate } from "./pages/gate";
import { JobPage } from "./pages/jobs/detail";
import { Jobs } from "./pages/jobs/page";
import { Ask } from "./pages/knowledge/ask";
import { DocumentPage } from "./pages/knowledge/document";
import { EvaluationPage } from "./pages/knowledge/evaluation";
import { Evaluations } from "./pages/knowledge/evaluations";
import { Knowledge } from "./pages/knowledge/page";
import { Search } from "./pages/knowledge/search";
import { Budgets } from "./pages/models/budgets";
import { EditProvider, NewProvider } from "./pages/models/edit";
import { Models } from "./pages/models/page";
import { Roles } from "./pages/models/roles";
import { Usage } from "./pages/models/usage";
import { Members } from "./pages/members";
import { NotFound } from "./pages/not-found";
import { Overview } from "./pages/overview";
import { Projects } from "./pages/projects";
import { Repositories } from "./pages/repositories";
import { Research } from "./pages/research";
import { SourcePage } from "./pages/sources/detail";
import { EditSource, NewSource } from "./pages/sources/edit";
import { Sources } from "./pages/sources/page";
import { RunPage } from "./pages/sources/run";
import { TaskPage } from "./pages/task";
import { Technologies } from "./pages/technologies";
import { TechnologyPage } from "./pages/technology";

export function App() {
  const queries = useQueryClient();
  const me = useQuery(account);
  useEffect(
    () =>
      session.onEnd(() => {
        queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
        queries.setQueryData(keys.me, null);
      }),
    [queries],
  );
  if (me.isError) {
    return (
      <main className="gate">
        <ErrorNotice error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  if (me.data === undefined) {
    return (
      <main className="gate">
        <Loading />
      </main>
    );
  }
  return me.data === null ? <Gate /> : <SignedIn />;
}

function SignedIn() {
  const chosen = useProjectId();
  const list = useQuery({ queryKey: keys.projects, queryFn: projects.list });
  const first = list.data?.items[0]?.id ?? null;
  // Without an answer yet the remembered project is believed.
  const known = chosen === null || (list.data?.items.some((project) => project.id === chosen) ?? true);
  useEffect(() => {
    if (!known || (chosen === null && first !== null)) chooseProject(first);
  }, [chosen, known, first]);
  const ready = list.data !== undefined && known && (chosen !== null || first === null);
  return (
    <Shell>
      {list.isError && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
      {!list.isError && !ready && <Loading />}
      {ready && (chosen === null ? <WithoutProject /> : <Pages key={chosen} />)}
    </Shell>
  );
}

/** Before there is a project, only what is not about one. */
function WithoutProject() {
  return (
    <Routes>
      <Route path="api-keys" element={<ApiKeys />} />
      <Route path="*" element={<Projects />} />
    </Routes>
  );
}

function Pages() {
  return (
    <Routes>
      <Route index element={<Overview />} />
      <Route path="repositories" element={<Repositories />} />
      <Route path="technologies" element={<Technologies />} />
      <Route path="technologies/:id" element={<TechnologyPage />} />
      <Route path="research" element={<Research />} />
      <Route path="research/:id" element={<TaskPage />} />
      <Route path="knowledge" element={<Knowledge />} />
      <Route path="knowledge/ask" element={<Ask />} />
      <Route path="knowledge/documents/:id" element={<DocumentPage />} />
      <Route path="knowledge/search" element={<Search />} />
      <Route path="knowledge/evaluations" element={<Evaluations />} />
      <Route path="knowledge/evaluations/:id" element={<EvaluationPage />} />
      <Route path="sources" element={<Sources />} />
      <Route path="sources/new" element={<NewSource />} />
      <Route path="sources/:id" element={<SourcePage />} />
      <Route path="sources/:id/edit" element={<EditSource />} />
      <Route path="sources/:id/runs/:run" element={<RunPage />} />
      <Route path="jobs" element={<Jobs />} />
      <Route path="jobs/:id" element={<JobPage />} />
      <Route path="settings/models" element={<Models />} />
      <Route path="settings/models/new" element={<NewProvider />} />
      <Route path="settings/models/:id" element={<EditProvider />} />
      <Route path="settings/models/roles" element={<Roles />} />
      <Route path="settings/models/budgets" element={<Budgets />} />
      <Route path="settings/models/usage" element={<Usage />} />
      <Route path="members" element={<Members />} />
      <Route path="projects" element={<Projects />} />
      <Route path="api-keys" element={<ApiKeys />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
