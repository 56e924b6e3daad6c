/** The pages that a source is made and changed on. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { Id } from "../../api/schema";
import { Empty, PageHead, Ready } from "../../components/basics";
import { atLeast, useRole } from "../../lib/access";
import { NotFound } from "../not-found";
import { SourceForm } from "./form";

export function NewSource() {
  const role = useRole();
  return (
    <>
      <p>
        <Link to="/sources">All sources</Link>
      </p>
      <PageHead title="New source" />
      {atLeast(role, "member") ? (
        <section className="panel">
          <SourceForm before={null} />
        </section>
      ) : (
        <NotYours />
      )}
    </>
  );
}

export function EditSource() {
  const number = Number(useParams().id);
  return Number.isSafeInteger(number) && number > 0 ? <OneSource key={number} id={number} /> : <NotFound />;
}

function OneSource({ id }: { id: Id }) {
  const role = useRole();
  // What is being written must not change below the fingers: it is read once, and the server says when it moved meanwhile.
  const one = useQuery({ queryKey: keys.sources("edit", id), queryFn: () => sources.get(id), staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return (
    <Ready query={one}>
      {(before) => (
        <>
          <p>
            <Link to={`/sources/${id}`}>Back to {before.value.name}</Link>
          </p>
          <PageHead title={`Change ${before.value.name}`} />
          {atLeast(role, "member") ? (
            <section className="panel">
              <SourceForm before={before} />
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
  return <Empty title="Viewers only read">Members of the project make and change sources.</Empty>;
}
