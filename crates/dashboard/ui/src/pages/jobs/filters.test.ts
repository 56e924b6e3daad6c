import { describe, expect, it } from "vitest";

import { choices, filtersOf, isFiltered, listAddress, listQuery, windowOf } from "./filters";

const address = (text: string) => {
  const params = new URLSearchParams(text);
  return (name: string) => params.get(name) ?? "";
};

describe("filters in the address", () => {
  it("are read from it", () => {
    expect(filtersOf(address("status=failed&type=repository_sync&queue=sync"))).toEqual({ status: "failed", type: "repository_sync", queue: "sync" });
    expect(filtersOf(address(""))).toEqual({ status: "", type: "", queue: "" });
  });

  it("hide nothing when they cannot be meant", () => {
    expect(filtersOf(address("status=broken&type=../x&queue=A%20B"))).toEqual({ status: "", type: "", queue: "" });
  });

  it("keep types and queues of later versions", () => {
    expect(filtersOf(address("type=arena_debate&queue=gpu"))).toMatchObject({ type: "arena_debate", queue: "gpu" });
  });

  it("come back as they went", () => {
    const filters = { status: "dead", type: "knowledge_ingest", queue: "ingest" };
    expect(filtersOf(address(listAddress(filters).split("?")[1] ?? ""))).toEqual(filters);
    expect(listAddress({ status: "", type: "" })).toBe("/jobs");
  });

  it("become the list's query", () => {
    const query = listQuery({ status: "dead", type: "knowledge_ingest", queue: "ingest" }, 3, "-created_at");
    expect(query).toEqual({ page: 3, limit: 20, sort: "-created_at", status: "dead", job_type: "knowledge_ingest", queue: "ingest" });
  });

  it("say whether there are any", () => {
    expect(isFiltered({ status: "", type: "", queue: "sync" })).toBe(true);
    expect(isFiltered({ status: "", type: "", queue: "" })).toBe(false);
  });
});

it("knows the windows of statistics", () => {
  expect(["window=1h", "window=all", "window=5y", ""].map((text) => windowOf(address(text)))).toEqual(["1h", "all", "24h", "24h"]);
});

it("offers a value once, known or seen", () => {
  expect(choices(["sync"], "sync", "", "gpu").map(({ value }) => value)).toEqual(["sync", "gpu"]);
});
