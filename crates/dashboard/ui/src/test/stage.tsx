/** What component tests stand on: a server that answers by table, sockets that are never opened, and the page's surroundings. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import { vi } from "vitest";

import { keys } from "../api/keys";
import { Toasts } from "../components/toasts";
import { chooseProject } from "../lib/project";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  /** JSON as a value, a form as it is. */
  body: unknown;
  headers: Headers;
}

type Answer = (asked: Asked) => unknown;

export class Refusal {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown> = {},
  ) {}
}

/** Answers of the server by `METHOD /path`; what is not there is 404, null is 204, and a response is itself. Gives everything it is asked. */
export function serve(answers: Record<string, Answer>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal("fetch", (address: string, init: RequestInit) => {
    const url = new URL(address, "http://localhost");
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : (init.body ?? null);
    const asked = { method: init.method ?? "GET", path: url.pathname.replace("/api/v1", ""), query: url.searchParams, body, headers: new Headers(init.headers) };
    all.push(asked);
    const known = answers[`${asked.method} ${asked.path}`];
    const answer = known ? known(asked) : new Refusal(404, { title: "Not Found", status: 404 });
    if (answer instanceof Response) return Promise.resolve(answer);
    if (answer instanceof Refusal) return Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status }));
    return Promise.resolve(answer === null ? new Response(null, { status: 204 }) : new Response(JSON.stringify(answer)));
  });
  return all;
}

/** A page of a list. */
export function pageOf<T>(items: T[], total = items.length) {
  return { items, total, page: 1, page_size: 20, has_next: total > items.length, has_prev: false };
}

const PROJECT = { id: 7, name: "Radar", owner: "ann", created_at: "2026-11-01T00:00:00Z", updated_at: "2026-11-01T00:00:00Z" };
const ME = { id: 1, email: "ann@example.com", full_name: "Ann", is_active: true, created_at: "2026-11-01T00:00:00Z", updated_at: "2026-11-01T00:00:00Z" };

interface Scene {
  at: string;
  path?: string;
  role?: string;
  admin?: boolean;
}

/** Shows a page at an address to a person of a role. */
export function show(page: ReactNode, { at, path = "*", role = "member", admin = false }: Scene): UserEvent {
  chooseProject(7);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000 } } });
  client.setQueryData(keys.projects, pageOf([{ ...PROJECT, role }]));
  client.setQueryData(keys.me, { ...ME, is_admin: admin });
  render(
    <QueryClientProvider client={client}>
      <Toasts>
        <MemoryRouter initialEntries={[at]}>
          <Routes>
            <Route path={path} element={page} />
            <Route path="*" element={null} />
          </Routes>
          <Address />
        </MemoryRouter>
      </Toasts>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

/** Where the person is. */
function Address() {
  const { pathname, search } = useLocation();
  return <output aria-label="Address">{pathname + search}</output>;
}
