/** What the person may do here, so that the pages offer nothing the server would refuse. */

import { queryOptions, useQuery } from "@tanstack/react-query";

import { auth, projects } from "../api/endpoints";
import { keys } from "../api/keys";
import { ApiProblem } from "../api/problem";
import { ROLES, type UserView } from "../api/schema";
import { session } from "../api/session";
import { useProjectId } from "./project";

/** The account, or null when nobody is signed in. A reload finds the session by its cookie. */
async function whoIsIt(): Promise<UserView | null> {
  if (session.token === null && !(await session.refresh())) return null;
  try {
    return await auth.me();
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}

export const account = queryOptions({ queryKey: keys.me, queryFn: whoIsIt, staleTime: Infinity });

/** The account that is signed in, as far as it is known. */
export function useMe(): UserView | null {
  return useQuery({ ...account, enabled: false }).data ?? null;
}

/** The person's role in the chosen project; null until it is known. */
export function useRole(): string | null {
  const chosen = useProjectId();
  const list = useQuery({ queryKey: keys.projects, queryFn: projects.list });
  return list.data?.items.find((project) => project.id === chosen)?.role ?? null;
}

/** Whether a role has the rights of another. */
export function atLeast(role: string | null, needed: (typeof ROLES)[number]): boolean {
  return (ROLES as readonly (string | null)[]).indexOf(role) >= ROLES.indexOf(needed);
}
