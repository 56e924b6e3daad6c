/** Who belongs to the project, and with which role. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { members } from "../api/endpoints";
import { keys } from "../api/keys";
import { messageOf } from "../api/problem";
import type { Id, MemberView } from "../api/schema";
import { Badge, Confirm, PageHead, Ready, When } from "../components/basics";
import { Form, SelectField, TextField, useForm } from "../components/form";
import { Pagination, useListState } from "../components/list";
import { options } from "../components/options";
import { useToasts } from "../components/toasts";
import { useMe, useRole } from "../lib/access";
import { useProjectId } from "../lib/project";
import { words } from "../lib/text";
import { grantable, mayChange, mayRemove } from "./member-rights";

export function Members() {
  const project = useProjectId();
  return project === null ? null : <MembersOf project={project} />;
}

function MembersOf({ project }: { project: Id }) {
  const state = useListState("");
  const role = useRole();
  const query = { page: state.page, limit: 50 };
  const list = useQuery({ queryKey: keys.members("list", query), queryFn: () => members.list(project, query), placeholderData: (before) => before });
  return (
    <>
      <PageHead title="Members" />
      <Ready query={list}>
        {(page) => (
          <>
            <div className="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Member</th>
                    <th scope="col">Role</th>
                    <th scope="col">Since</th>
                    <td />
                  </tr>
                </thead>
                <tbody>
                  {page.items.map((member) => (
                    <Row key={member.user_id} project={project} member={member} role={role} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pagination page={page} state={state} />
          </>
        )}
      </Ready>
      {grantable(role).length > 0 && (
        <section className="panel" aria-labelledby="add-member">
          <h2 id="add-member">Add a member</h2>
          <AddMember project={project} role={role} />
        </section>
      )}
    </>
  );
}

function Row({ project, member, role }: { project: Id; member: MemberView; role: string | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const own = useMe()?.id === member.user_id;
  const name = member.full_name ?? member.email;
  const onError = (error: Error) => toasts.bad(messageOf(error));
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: keys.members() });
    // The person's own role and projects are in that list.
    if (own) void queries.invalidateQueries({ queryKey: keys.projects });
  };
  const change = useMutation({ mutationFn: (next: string) => members.change(project, member.user_id, { role: next }), onSuccess: refresh, onError });
  const remove = useMutation({
    mutationFn: () => members.remove(project, member.user_id),
    onSuccess: () => {
      toasts.good(own ? "You have left the project." : `${name} is no member any more.`);
      if (own) void navigate("/");
      refresh();
    },
    onError,
  });
  return (
    <tr>
      <th scope="row">
        {name}
        {own && <span className="muted"> (you)</span>}
        {member.full_name && <div className="hint">{member.email}</div>}
      </th>
      <td>
        {mayChange(role, member.role) ? (
          <select aria-label={`Role of ${name}`} value={member.role} disabled={change.isPending} onChange={(event) => change.mutate(event.target.value)}>
            {grantable(role).map((value) => (
              <option key={value} value={value}>
                {words(value)}
              </option>
            ))}
          </select>
        ) : (
          <Badge value={member.role} />
        )}
      </td>
      <td>
        <When at={member.created_at} />
      </td>
      <td>
        <div className="actions">
          {mayRemove(role, member.role, own) && (
            <button type="button" className="danger" aria-label={own ? "Leave the project" : `Remove ${name}`} onClick={() => setAsking(true)}>
              {own ? "Leave" : "Remove"}
            </button>
          )}
        </div>
        {asking && (
          <Confirm title={own ? "Leave the project?" : `Remove ${name}?`} action={own ? "Leave" : "Remove"} onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
            <p>{own ? "You need somebody to add you again." : "They see nothing of the project any more. What they made stays."}</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

function AddMember({ project, role }: { project: Id; role: string | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const form = useForm(
    (values) => members.add(project, { email: values.text("email"), role: values.text("role") }),
    (member) => {
      toasts.good(`${member.full_name ?? member.email} is a member now.`);
      void queries.invalidateQueries({ queryKey: keys.members() });
    },
  );
  return (
    <Form form={form} inputs={["email", "role"]} label="Add a member" action="Add member" busy="Adding…" className="columns">
      <TextField name="email" label="E-mail" type="email" required hint="Of somebody with an account here." />
      <SelectField name="role" label="Role" options={options(grantable(role))} initial="member" />
    </Form>
  );
}
