/** The pages that a provider is made and changed on. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { llm } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { Id } from "../../api/schema";
import { Empty, PageHead, Ready } from "../../components/basics";
import { NotFound } from "../not-found";
import { ProviderForm } from "./provider-form";
import { useRights } from "./rights";

const back = (
  <p>
    <Link to="/settings/models">All providers</Link>
  </p>
);

export function NewProvider() {
  const { mayManage } = useRights();
  return (
    <>
      {back}
      <PageHead title="New provider" />
      {mayManage ? (
        <section className="panel">
          <ProviderForm before={null} />
        </section>
      ) : (
        <NotYours />
      )}
    </>
  );
}

export function EditProvider() {
  const number = Number(useParams().id);
  return Number.isSafeInteger(number) && number > 0 ? <OneProvider key={number} id={number} /> : <NotFound />;
}

function OneProvider({ id }: { id: Id }) {
  const { mayChange } = useRights();
  // What is being written must not change below the fingers: it is read once, and the server says when it moved meanwhile.
  const one = useQuery({ queryKey: keys.llm("edit", id), queryFn: () => llm.provider(id), staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return (
    <Ready query={one}>
      {(before) => (
        <>
          {back}
          <PageHead title={before.value.alias} />
          {mayChange(before.value) ? (
            <section className="panel">
              <ProviderForm before={before} />
            </section>
          ) : (
            <NotYours />
          )}
        </>
      )}
    </Ready>
  );
}

function NotYours() {
  return <Empty title="This takes more rights">Maintainers set up the providers of a project, administrators those of the instance.</Empty>;
}
