/** Roles: which model does which kind of work, and what steps in for it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { llm } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { AgentView } from "../../api/llm-schema";
import { Empty, PageHead, Ready, When } from "../../components/basics";
import { DeleteButton } from "../../components/delete";
import { WideTable } from "../../components/table";
import { FormHead } from "./form-head";
import { Places } from "./places";
import { ownerOf, useRights } from "./rights";
import { RoleForm } from "./role-form";

export function Roles() {
  const { mayManage } = useRights();
  const [changing, setChanging] = useState<AgentView | null>(null);
  const list = useQuery({ queryKey: keys.llm("roles"), queryFn: llm.roles });
  return (
    <>
      <PageHead title="Roles" />
      <Places />
      <p className="muted">A role says which model does a kind of work. Answers of the knowledge base are written by the role “answer”.</p>
      <Ready query={list}>{(page) => (page.items.length > 0 ? <RoleTable items={page.items} onChange={setChanging} /> : <Empty title="No role yet">{mayManage ? "Give the role “answer” a model below, and questions are answered in prose." : "A maintainer can give roles their models."}</Empty>)}</Ready>
      {mayManage && (
        <section className="panel" aria-labelledby="set-role">
          <FormHead id="set-role" title={changing ? `Change the role ${changing.role}` : "Set a role"} isCalled={changing !== null} />
          <RoleForm key={changing ? `${changing.role} ${changing.updated_at}` : "new"} before={changing} onDone={() => setChanging(null)} />
        </section>
      )}
    </>
  );
}

function RoleTable({ items, onChange }: { items: AgentView[]; onChange: (role: AgentView) => void }) {
  return (
    <WideTable label="Roles">
      <thead>
        <tr>
          <th scope="col">Role</th>
          <th scope="col">Model</th>
          <th scope="col">Then, in order</th>
          <th scope="col">For</th>
          <th scope="col">Changed</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {items.map((role) => (
          <Row key={`${role.scope} ${role.role}`} role={role} onChange={onChange} />
        ))}
      </tbody>
    </WideTable>
  );
}

function Row({ role, onChange }: { role: AgentView; onChange: (role: AgentView) => void }) {
  const queries = useQueryClient();
  const { mayManage } = useRights();
  return (
    <tr>
      <th scope="row">{role.role}</th>
      <td className="wrapped">
        {role.provider}/{role.model_id}
      </td>
      <td>
        {role.fallbacks.length > 0 ? (
          <ol className="fallbacks">
            {role.fallbacks.map(({ provider, model_id }) => (
              <li key={`${provider}/${model_id}`} className="wrapped">
                {provider}/{model_id}
              </li>
            ))}
          </ol>
        ) : (
          <span className="muted">–</span>
        )}
      </td>
      <td>{ownerOf(role.scope)}</td>
      <td>
        <When at={role.updated_at} />
      </td>
      <td>
        {mayManage && (
          <div className="actions">
            <button type="button" aria-label={`Change the role ${role.role}`} onClick={() => onChange(role)}>
              Change
            </button>
            {role.scope === "project" && (
              <DeleteButton name={`role ${role.role}`} remove={() => llm.removeRole(role.role)} onDeleted={() => void queries.invalidateQueries({ queryKey: keys.llm("roles") })}>
                <p>The setting of all projects stands again, if there is one.</p>
              </DeleteButton>
            )}
          </div>
        )}
      </td>
    </tr>
  );
}
