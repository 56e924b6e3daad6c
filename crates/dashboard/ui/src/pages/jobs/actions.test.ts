import { expect, it } from "vitest";

import { actionsOf, bulkOf, selection } from "./actions";

it.each([
  ["pending", ["cancel", "delete"]],
  ["running", ["cancel"]],
  ["retrying", ["cancel", "delete"]],
  ["completed", ["delete"]],
  ["failed", ["retry", "delete"]],
  ["cancelled", ["retry", "delete"]],
  ["dead", ["retry", "delete"]],
])("of a %s job allows %j", (status, actions) => {
  expect(actionsOf({ status, cancel_requested: false })).toEqual(actions);
});

it("asks a job to stop only once", () => {
  expect(actionsOf({ status: "running", cancel_requested: true })).toEqual([]);
});

it("only reads an archived job", () => {
  expect(actionsOf({ status: "failed", cancel_requested: false, archived_at: "2026-11-21T11:00:00Z" })).toEqual([]);
});

const bulk = (status: string) => bulkOf({ status, type: "", queue: "" }).map(({ kind, label, statuses }) => [kind, label, statuses.join()]);

it("offers what is usual for all jobs", () => {
  expect(bulk("")).toEqual([
    ["retry", "Retry all failed", "failed,dead"],
    ["cancel", "Cancel waiting", "pending,retrying"],
    ["discard", "Discard dead", "dead"],
  ]);
});

it("touches only what the filter by status shows", () => {
  expect(bulk("running")).toEqual([["cancel", "Cancel all running", "running"]]);
  expect(bulk("completed")).toEqual([["discard", "Discard all completed", "completed"]]);
  expect(bulk("cancelled").map(([kind]) => kind)).toEqual(["retry", "discard"]);
});

it("names the jobs of the filter", () => {
  expect(selection({ status: "", type: "repository_sync", queue: "" }, ["failed", "dead"])).toEqual({ status: ["failed", "dead"], job_type: "repository_sync" });
  expect(selection({ status: "dead", type: "", queue: "sync" }, ["dead"])).toEqual({ status: ["dead"], queue: "sync" });
});
