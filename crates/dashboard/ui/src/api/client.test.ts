import { beforeEach, describe, expect, it, vi } from "vitest";

import { chooseProject } from "../lib/project";
import { call } from "./client";
import { ApiProblem, Unreachable } from "./problem";
import { session } from "./session";

const tokens = (access_token: string) => ({ access_token, refresh_token: "r", token_type: "bearer" as const, expires_in: 900 });
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const problem = (status: number, slug: string) => json({ type: `https://commandcenter.dev/problems/${slug}`, title: slug, status }, status);

type Request = { url: string; method: string; headers: Headers; body: unknown };
let requests: Request[];

function server(answer: (request: Request) => Response | Promise<Response>) {
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const request = { url, method: init.method ?? "GET", headers: new Headers(init.headers), body: init.body };
    requests.push(request);
    return Promise.resolve(answer(request));
  });
}

const bearer = (request: Request) => request.headers.get("authorization");

beforeEach(() => {
  requests = [];
  session.end();
  chooseProject(null);
});

describe("calling the API", () => {
  it("sends token and project", async () => {
    session.open(tokens("a"));
    chooseProject(7);
    server(() => json({ ok: true }));
    await call("GET", "/jobs", { query: { page: 2, status: "", sort: null } });
    expect(requests[0]?.url).toBe("/api/v1/jobs?page=2");
    expect(requests[0] && bearer(requests[0])).toBe("Bearer a");
    expect(requests[0]?.headers.get("x-project-id")).toBe("7");
  });

  it("refreshes once on 401 and tries again", async () => {
    session.open(tokens("old"));
    server((request) => {
      if (request.url.endsWith("/auth/refresh")) return json(tokens("new"));
      return bearer(request) === "Bearer new" ? json({ id: 1 }) : problem(401, "unauthenticated");
    });
    await expect(call("GET", "/auth/me")).resolves.toEqual({ id: 1 });
    expect(requests.map((request) => request.url)).toEqual(["/api/v1/auth/me", "/api/v1/auth/refresh", "/api/v1/auth/me"]);
    expect(requests[1]?.body).toBe("{}");
  });

  it("spends the cookie once for many calls at the same time", async () => {
    session.open(tokens("old"));
    server((request) => {
      if (request.url.endsWith("/auth/refresh")) return json(tokens("new"));
      return bearer(request) === "Bearer new" ? json({}) : problem(401, "unauthenticated");
    });
    await Promise.all([call("GET", "/a"), call("GET", "/b"), call("GET", "/c")]);
    expect(requests.filter((request) => request.url.endsWith("/auth/refresh"))).toHaveLength(1);
  });

  it("ends the session when the cookie is spent too", async () => {
    session.open(tokens("old"));
    const ended = vi.fn();
    const stop = session.onEnd(ended);
    server(() => problem(401, "unauthenticated"));
    await expect(call("GET", "/auth/me")).rejects.toMatchObject({ status: 401 });
    expect(session.token).toBeNull();
    expect(ended).toHaveBeenCalledTimes(1);
    expect(requests).toHaveLength(2);
    stop();
  });

  it("does not try to refresh a wrong password", async () => {
    server(() => problem(401, "wrong-login"));
    await expect(call("POST", "/auth/login", { body: {} })).rejects.toMatchObject({ slug: "wrong-login" });
    expect(requests).toHaveLength(1);
  });

  it("keeps the session when refreshing fails for another reason", async () => {
    session.open(tokens("old"));
    server((request) => (request.url.endsWith("/auth/refresh") ? problem(503, "not-ready") : problem(401, "unauthenticated")));
    await expect(call("GET", "/auth/me")).rejects.toBeInstanceOf(ApiProblem);
    expect(requests).toHaveLength(2);
  });

  it("says when the server cannot be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    await expect(call("GET", "/jobs")).rejects.toBeInstanceOf(Unreachable);
  });

  it("answers nothing for 204", async () => {
    server(() => new Response(null, { status: 204 }));
    await expect(call("DELETE", "/repositories/1")).resolves.toBeUndefined();
  });
});
