import { screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { attempt, sum } from "../../test/models";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { Usage } from "./usage";

const server = (more: Record<string, (asked: Asked) => unknown> = {}) =>
  serve({ "GET /llm/usage": () => pageOf([attempt(9), attempt(8, { outcome: "failed", failure: "timeout", attempt: 2, cost_nano: 0 })]), "GET /llm/costs": () => pageOf([sum("gpt-4o-mini", 360_000), sum(null, 40_000)]), ...more });
const open = (at = "/settings/models/usage") => show(<Usage />, { at, role: "viewer" });
const asking = (asked: Asked[], path: string) => Object.fromEntries(asked.filter((one) => one.path === path).at(-1)?.query ?? []);

it("sums by model and shows each attempt", async () => {
  const asked = server();
  open();
  const sums = within(await screen.findByRole("group", { name: "Sums by model" }));
  expect(sums.getAllByRole("row").map((row) => row.textContent)).toEqual(["ModelAttemptsNot wholeTokens inTokens outCost", "gpt-4o-mini211,200300$0.00036", "None211,200300$0.00004", "All422,400600$0.0004"]);
  const attempts = within(await screen.findByRole("group", { name: "Attempts" }));
  expect(attempts.getByText("Timeout")).toBeTruthy();
  expect(attempts.getByText("attempt 2 of its call")).toBeTruthy();
  expect(asking(asked, "/llm/costs")).toEqual({ group_by: "model", limit: "100" });
  expect(asking(asked, "/llm/usage")).toEqual({ page: "1", limit: "20" });
});

it("keeps its filters in the address, and leaves out what they cannot mean", async () => {
  const asked = server();
  const user = open("/settings/models/usage?cause=fun&since=2026-11-01&until=soon&by=day");
  await screen.findByRole("group", { name: "Sums by day" });
  await user.type(screen.getByLabelText("Role"), "answer{Enter}");
  await user.selectOptions(screen.getByLabelText("Outcome"), "failed");
  await waitFor(() => expect(asking(asked, "/llm/usage")).toEqual({ role: "answer", outcome: "failed", since: "2026-11-01T00:00:00Z", page: "1", limit: "20" }));
  expect(asking(asked, "/llm/costs")).toEqual({ role: "answer", outcome: "failed", since: "2026-11-01T00:00:00Z", group_by: "day", limit: "100" });
  await user.selectOptions(screen.getByLabelText("By"), "cause");
  await waitFor(() => expect(asking(asked, "/llm/costs").group_by).toBe("cause"));
});

it("saves all rows of the filter as CSV", async () => {
  const saved = vi.fn();
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
    saved(this.download);
  });
  const asked = server();
  const user = open("/settings/models/usage?role=answer");
  await user.click(await screen.findByRole("button", { name: "Save costs as CSV" }));
  await waitFor(() => expect(saved).toHaveBeenCalledWith("costs.csv"));
  expect(asking(asked, "/llm/costs")).toEqual({ role: "answer", group_by: "model", format: "csv" });
});

it("says what failed", async () => {
  server({ "GET /llm/usage": () => new Refusal(503, { title: "Unavailable", detail: "the database is away" }) });
  open();
  expect((await screen.findByRole("alert")).textContent).toContain("the database is away");
});

it("says that nothing was spent", async () => {
  server({ "GET /llm/usage": () => pageOf([]), "GET /llm/costs": () => pageOf([]) });
  open();
  expect(await screen.findByText("No attempt")).toBeTruthy();
  expect(await screen.findByText("Nothing was spent.")).toBeTruthy();
});
