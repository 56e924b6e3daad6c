import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { job, queue } from "../../test/jobs";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { Jobs } from "./page";

const FIGURES = { total: 40, by_status: { failed: 2, dead: 0 }, active_jobs: 1, success_rate: 97.25, average_duration_seconds: null, wait_seconds: { p50: 0.8, p95: 93 }, run_seconds: null };

function server(jobs: (asked: Asked) => unknown = () => pageOf([job(5, { status: "failed", error: "no such repository" }), job(4)])) {
  return serve({
    "GET /jobs": jobs,
    "GET /jobs/queues": () => ({ items: [queue("sync", { ready: 12, running: 2, oldest_ready_seconds: 88, finished_per_minute: 4 }), queue("export", { paused: true, ready: 3, workers: 0 })] }),
    "GET /jobs/statistics/summary": () => FIGURES,
    "POST /jobs/retry": () => ({ count: 9 }),
    "POST /jobs/queues/sync/pause": () => queue("sync", { paused: true }),
  });
}

const lists = (asked: Asked[]) => asked.filter(({ method, path }) => method === "GET" && path === "/jobs");
const address = () => screen.getByLabelText("Address").textContent;

it("asks for what the address says, and keeps what is chosen in it", async () => {
  const asked = server();
  const user = show(<Jobs />, { at: "/jobs?status=failed&type=repository_sync&page=2" });
  await screen.findByText("no such repository");
  expect(Object.fromEntries(lists(asked)[0]?.query ?? [])).toEqual({ page: "2", limit: "20", status: "failed", job_type: "repository_sync" });
  await user.selectOptions(screen.getByLabelText("Queue"), "sync");
  await waitFor(() => expect(lists(asked).at(-1)?.query.get("queue")).toBe("sync"));
  expect(address()).toBe("/jobs?status=failed&type=repository_sync&queue=sync");
});

it("offers of each job what its status allows", async () => {
  server();
  show(<Jobs />, { at: "/jobs" });
  await screen.findByText("no such repository");
  expect(screen.getByRole("button", { name: "Retry job 5" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: /job 4$/ })).toBeNull();
  expect(screen.getByRole("link", { name: /Repository sync #5/ }).getAttribute("href")).toBe("/jobs/5");
});

it("asks with a number before it does something to all jobs of the filter", async () => {
  const asked = server((one) => pageOf(one.query.get("limit") === "1" ? [] : [job(5)], one.query.get("status") === "dead" ? 7 : 2));
  const user = show(<Jobs />, { at: "/jobs?queue=sync" });
  await user.click(await screen.findByRole("button", { name: "Retry all failed" }));
  const dialog = await screen.findByRole("dialog", { name: "Retry all failed?" });
  expect(await within(dialog).findByText("9 jobs")).toBeTruthy();
  expect(dialog.textContent).toContain("in the queue sync");
  await user.click(within(dialog).getByRole("button", { name: "Retry all failed" }));
  expect(await screen.findByText("9 jobs tried again.")).toBeTruthy();
  expect(asked.find(({ path }) => path === "/jobs/retry")?.body).toEqual({ status: ["failed", "dead"], queue: "sync" });
});

it("does nothing to no job", async () => {
  server(() => pageOf([], 0));
  const user = show(<Jobs />, { at: "/jobs?status=dead" });
  expect(await screen.findByText("No job matches")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Discard all dead" }));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("No job matches.");
  expect(within(dialog).getByRole<HTMLButtonElement>("button", { name: "Discard all dead" }).disabled).toBe(true);
});

it("shows how deep the queues are, also to who cannot see bars", async () => {
  server();
  show(<Jobs />, { at: "/jobs" });
  expect(await screen.findByRole("img", { name: "Depth of sync: 2 running, 12 ready, 0 delayed" })).toBeTruthy();
  expect(screen.getByText(/oldest waits 1 min 28 s · 4 a minute/)).toBeTruthy();
  expect(screen.getByText("Paused")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /queue/ })).toBeNull();
});

it("lets administrators of the instance pause a queue, after asking", async () => {
  const asked = server();
  const user = show(<Jobs />, { at: "/jobs", admin: true });
  expect(await screen.findByRole("button", { name: "Resume queue export" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Pause queue sync" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Pause" }));
  expect(await screen.findByText("The queue sync is paused.")).toBeTruthy();
  expect(asked.some(({ path }) => path === "/jobs/queues/sync/pause")).toBe(true);
});

it("shows the figures of the window that the address names", async () => {
  const asked = server();
  const user = show(<Jobs />, { at: "/jobs?page=2" });
  expect(await screen.findByText("800 ms / 1 min 33 s")).toBeTruthy();
  expect(screen.getByText("97.3%")).toBeTruthy();
  await user.selectOptions(screen.getByLabelText("Window"), "7d");
  await waitFor(() => expect(asked.filter(({ path }) => path.endsWith("/summary")).at(-1)?.query.get("window")).toBe("7d"));
  expect(address()).toBe("/jobs?page=2&window=7d");
  expect(screen.getByRole("link", { name: /Failed 2/ }).getAttribute("href")).toBe("/jobs?status=failed&window=7d");
});

it("offers a viewer nothing that the server would refuse", async () => {
  server();
  show(<Jobs />, { at: "/jobs", role: "viewer" });
  await screen.findByText("no such repository");
  expect(screen.queryByRole("button", { name: /Retry|Cancel|Discard/ })).toBeNull();
});

it("says what failed and tries again", async () => {
  let away = true;
  server(() => (away ? new Refusal(503, { title: "Unavailable", detail: "the database is away" }) : pageOf([job(4)])));
  const user = show(<Jobs />, { at: "/jobs" });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("the database is away");
  away = false;
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: /Repository sync #4/ })).toBeTruthy();
});
