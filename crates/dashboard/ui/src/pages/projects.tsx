/** Every project of the person, and a new one. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { projects } from "../api/endpoints";
import { keys } from "../api/keys";
import type { Page, ProjectView } from "../api/schema";
import { Badge, Empty, PageHead, Ready, When } from "../components/basics";
import { Form, TextArea, TextField, useForm } from "../components/form";
import { useToasts } from "../components/toasts";
import { chooseProject, useProjectId } from "../lib/project";

export function Projects() {
  const list = useQuery({ queryKey: keys.projects, queryFn: projects.list });
  return (
    <>
      <PageHead title="Projects" />
      <Ready query={list}>
        {(page) => (page.items.length > 0 ? <ProjectTable items={page.items} /> : <Empty title="No project yet">A project holds repositories, technologies, research and knowledge. Make the first one.</Empty>)}
      </Ready>
      <section className="panel" aria-labelledby="new-project">
        <h2 id="new-project">New project</h2>
        <NewProject />
      </section>
    </>
  );
}

function ProjectTable({ items }: { items: ProjectView[] }) {
  const chosen = useProjectId();
  const navigate = useNavigate();
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Owner</th>
            <th scope="col">Your role</th>
            <th scope="col">Made</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((project) => (
            <tr key={project.id}>
              <th scope="row">
                {project.name}
                {project.description && <div className="hint">{project.description}</div>}
              </th>
              <td>{project.owner}</td>
              <td>
                <Badge value={project.role} />
              </td>
              <td>
                <When at={project.created_at} />
              </td>
              <td>
                <div className="actions">
                  {project.id === chosen ? (
                    <span className="muted">Open</span>
                  ) : (
                    <button
                      type="button"
                      aria-label={`Open ${project.name}`}
                      onClick={() => {
                        chooseProject(project.id);
                        void navigate("/");
                      }}
                    >
                      Open
                    </button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewProject() {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const form = useForm(
    (values) => projects.create({ name: values.text("name"), description: values.optional("description") ?? undefined }),
    (project) => {
      // The list knows it before it is chosen, or it would be taken for a project that is gone.
      queries.setQueryData<Page<ProjectView>>(keys.projects, (page) => page && { ...page, total: page.total + 1, items: [...page.items, project] });
      void queries.invalidateQueries({ queryKey: keys.projects });
      chooseProject(project.id);
      toasts.good(`Project ${project.name} is ready.`);
      void navigate("/");
    },
  );
  return (
    <Form form={form} inputs={["name", "description"]} label="New project" action="Create project" busy="Creating…">
      <TextField name="name" label="Name" required />
      <TextArea name="description" label="Description" rows={2} />
    </Form>
  );
}
