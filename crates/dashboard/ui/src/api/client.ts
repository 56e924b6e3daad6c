/** One way to call the API: bearer token, project, JSON, problems as errors, one refresh on 401. */

import { currentProject } from "../lib/project";
import { ApiProblem, Unreachable } from "./problem";
import { session } from "./session";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface CallOptions {
  query?: Query;
  body?: unknown;
  ifMatch?: string | null;
  signal?: AbortSignal;
  /** What the answer is to be; JSON without. */
  accept?: string;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The answer's body as JSON; nothing for 204. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** The answer itself, when its headers or bytes are wanted. */
export async function send(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const used = session.token;
  let response = await attempt(method, path, options);
  if (response.status === 401 && used !== null) {
    // Another call may have refreshed meanwhile; then its token is tried before the cookie is spent.
    const renewed = session.token !== used || (await session.refresh());
    if (renewed && session.token !== null) {
      response = await attempt(method, path, options);
      if (response.status === 401) session.end();
    }
  }
  if (!response.ok) throw await ApiProblem.from(response);
  return response;
}

async function attempt(method: Method, path: string, options: CallOptions): Promise<Response> {
  try {
    return await fetch(`/api/v1${path}${queryString(options.query)}`, {
      method,
      headers: headersOf(options),
      credentials: "same-origin",
      body: bodyOf(options.body),
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}

function headersOf({ body, ifMatch, accept = "application/json" }: CallOptions): Headers {
  const headers = new Headers({ accept });
  if (session.token) headers.set("authorization", `Bearer ${session.token}`);
  const project = currentProject();
  if (project !== null) headers.set("x-project-id", String(project));
  if (body !== undefined && !(body instanceof FormData)) headers.set("content-type", "application/json");
  if (ifMatch) headers.set("if-match", ifMatch);
  return headers;
}

function bodyOf(body: unknown): BodyInit | undefined {
  if (body === undefined || body instanceof FormData) return body;
  return JSON.stringify(body);
}

function queryString(query: Query = {}): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
  return text ? `?${text}` : "";
}
