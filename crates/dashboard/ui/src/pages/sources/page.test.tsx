import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";

import { job } from "../../test/jobs";
import { sockets, TICKET, type Sockets } from "../../test/sockets";
import { source } from "../../test/sources";
import { pageOf, Refusal, serve, show } from "../../test/stage";
import { Sources } from "./page";

let live: Sockets;

beforeEach(() => {
  live = sockets();
});

function server(items: unknown = pageOf([source(3), source(4, { name: "CI", type: "webhook", url: null, status: "pending", has_secret: true })]), readings: unknown[] = []) {
  return serve({ "GET /ingestion/sources": () => items, "GET /jobs": () => pageOf(readings), "POST /ingestion/sources/3/run": () => ({ job_id: 9, source_id: 3, source_name: "The handbook" }), ...TICKET });
}

it("shows how each source stands, what it reads and what it brought", async () => {
  server(pageOf([source(3, { next_run_at: "2099-01-01T00:00:00Z" }), source(5, { name: "News", type: "rss", status: "error", last_error: "the feed answered 500", error_count: 2 }), source(6, { name: "Old", enabled: false, status: "disabled" })]));
  show(<Sources />, { at: "/sources" });
  const row = (name: string) => within(screen.getByRole("row", { name: new RegExp(name) }));
  await screen.findByRole("link", { name: "The handbook" });
  expect(row("The handbook").getByText("Documentation site · https://docs.example.com/")).toBeTruthy();
  expect(row("The handbook").getByText("Read")).toBeTruthy();
  expect(row("The handbook").getByText("31")).toBeTruthy();
  expect(row("The handbook").getByText(/^in \d+ years$/)).toBeTruthy();
  expect(row("News").getByText("the feed answered 500")).toBeTruthy();
  expect(row("News").getByRole("link", { name: "2" }).getAttribute("href")).toBe("/sources/5?state=failed");
  expect(row("Old").getByText("Paused")).toBeTruthy();
  expect(row("Old").queryByRole("button")).toBeNull();
});

it("keeps its filters in the address", async () => {
  const asked = server();
  const user = show(<Sources />, { at: "/sources?type=rss" });
  await user.selectOptions(await screen.findByLabelText("State"), "false");
  await waitFor(() => expect(Object.fromEntries(asked.at(-1)?.query ?? [])).toMatchObject({ type: "rss", enabled: "false" }));
  expect(screen.getByLabelText("Address").textContent).toBe("/sources?type=rss&enabled=false");
});

it("explains what a source is while there is none", async () => {
  server(pageOf([]));
  show(<Sources />, { at: "/sources" });
  expect(await screen.findByText(/a documentation site, a feed, a folder of the server/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Add the first source" }).getAttribute("href")).toBe("/sources/new");
});

it("offers a viewer nothing that the server would refuse", async () => {
  server();
  show(<Sources />, { at: "/sources", role: "viewer" });
  expect(await screen.findByRole("link", { name: "The handbook" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "New source" })).toBeNull();
  expect(screen.queryByRole("button", { name: /Run/ })).toBeNull();
});

it("runs a source and shows how far it is", async () => {
  const asked = server();
  const user = show(<Sources />, { at: "/sources" });
  // What is pushed to is not run.
  expect(await screen.findAllByRole("button", { name: /^Run now/ })).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "Run now: The handbook" }));
  await waitFor(() => expect(live.opened).toHaveLength(1));
  live.say({ type: "progress", job_id: 9, status: "running", progress: 40, current_step: "page 12", is_terminal: false });
  expect(screen.getByRole("progressbar", { name: "Reading The handbook" }).getAttribute("aria-valuenow")).toBe("40");
  expect(screen.getByText(/page 12/)).toBeTruthy();
  const before = asked.filter(({ path }) => path === "/ingestion/sources").length;
  live.say({ type: "completed", job_id: 9, status: "completed", result: {}, error: null });
  expect(await screen.findByText("The handbook is read.")).toBeTruthy();
  await waitFor(() => expect(asked.filter(({ path }) => path === "/ingestion/sources").length).toBeGreaterThan(before));
});

it("finds a run again that was under way before", async () => {
  server(undefined, [job(8, { job_type: "source_sync", status: "running", parameters: { source_id: 3 } }), job(7, { job_type: "source_sync", parameters: { source_id: 4 } })]);
  show(<Sources />, { at: "/sources" });
  expect(await screen.findByRole("progressbar", { name: "Reading The handbook" })).toBeTruthy();
  await waitFor(() => expect(live.opened.map(({ url }) => url)).toEqual([expect.stringContaining("/ws/8?")]));
});

it("says why a run does not start", async () => {
  serve({ "GET /ingestion/sources": () => pageOf([source(3)]), "GET /jobs": () => pageOf([]), "POST /ingestion/sources/3/run": () => new Refusal(409, { title: "Conflict", detail: "the source is paused: enable it first" }) });
  const user = show(<Sources />, { at: "/sources" });
  await user.click(await screen.findByRole("button", { name: "Run now: The handbook" }));
  expect(await screen.findByText("the source is paused: enable it first")).toBeTruthy();
});

it("says what failed and tries again", async () => {
  let away = true;
  serve({ "GET /ingestion/sources": () => (away ? new Refusal(503, { title: "Unavailable", detail: "the database is away" }) : pageOf([source(3)])), "GET /jobs": () => pageOf([]) });
  const user = show(<Sources />, { at: "/sources" });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("the database is away");
  away = false;
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "The handbook" })).toBeTruthy();
});
