import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { budget } from "../../test/models";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { Budgets } from "./budgets";

const server = (items: unknown[], more: Record<string, (asked: Asked) => unknown> = {}) =>
  serve({ "GET /llm/budgets": () => pageOf(items), "GET /projects/7/members": () => pageOf([{ user_id: 4, email: "bo@example.com", role: "member", created_at: "2026-11-01T00:00:00Z" }]), ...more });
const open = (role = "maintainer") => show(<Budgets />, { at: "/settings/models/budgets", role });

it("shows what was spent of what, and when it starts again", async () => {
  server([budget(1), budget(2, { name: "all", period: "total", resets_at: null, limit_nano: 1_000_000_000, spent_nano: 1_500_000_000, scope: "cause", cause: "research_task", mode: "soft", reserved_nano: 20_000_000 })]);
  open("viewer");
  expect((await screen.findByRole("progressbar", { name: "Spent of the month" })).getAttribute("aria-valuenow")).toBe("25");
  const month = within(screen.getByRole("row", { name: /the month/ }));
  expect(month.getByText("25% · $12.50 of $50.00")).toBeTruthy();
  expect(month.getByText(/^in \d+ years$/)).toBeTruthy();
  const all = within(screen.getByRole("row", { name: /^all/ }));
  expect(all.getByText("Used up")).toBeTruthy();
  expect(all.getByText("What is spent for: research task")).toBeTruthy();
  expect(all.getByText("$0.02 held for calls under way")).toBeTruthy();
  expect(all.getByText("Never")).toBeTruthy();
  expect(screen.queryByRole("form")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

it("makes one for an account, with its limit in dollars", async () => {
  const asked = server([], { "POST /llm/budgets": () => budget(1) });
  const user = open();
  await user.type(await screen.findByLabelText(/^Name/), "Bo by day");
  await user.selectOptions(screen.getByLabelText("What counts"), "user");
  await screen.findByRole("option", { name: "bo@example.com" });
  await user.type(screen.getByLabelText(/^Limit/), "2.5");
  await user.selectOptions(screen.getByLabelText("Period"), "day");
  await user.click(screen.getByRole("button", { name: "Make the budget" }));
  expect(await screen.findByText("the month is saved.")).toBeTruthy();
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ name: "Bo by day", scope: "user", user_id: 4, period: "day", limit_nano: 2_500_000_000, mode: "hard" });
});

it("says beside its input what is wrong, here or at the server", async () => {
  server([], { "POST /llm/budgets": () => new Refusal(409, { type: "https://commandcenter.dev/problems/budget-exists", title: "Conflict", detail: "a budget of this name exists" }) });
  const user = open();
  await user.type(await screen.findByLabelText(/^Limit/), "much");
  await user.click(screen.getByRole("button", { name: "Make the budget" }));
  expect(await screen.findByText("must be an amount in dollars, such as 50 or 0.25")).toBeTruthy();
  await user.clear(screen.getByLabelText(/^Limit/));
  await user.type(screen.getByLabelText(/^Limit/), "5");
  await user.click(screen.getByRole("button", { name: "Make the budget" }));
  expect(await screen.findByText("a budget of this name exists")).toBeTruthy();
  expect(screen.getByLabelText(/^Name/).getAttribute("aria-invalid")).toBe("true");
});

it("changes the limit of the version that was seen", async () => {
  const asked = server([budget(1)], { "PATCH /llm/budgets/1": () => budget(1, { version: 3 }) });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Change the month" }));
  await user.clear(screen.getByLabelText(/^Limit/));
  await user.type(screen.getByLabelText(/^Limit/), "75");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({ name: "the month", limit_nano: 75_000_000_000, mode: "hard" }));
  expect(asked.find(({ method }) => method === "PATCH")?.headers.get("if-match")).toBe('"2"');
  expect(await screen.findByRole("heading", { name: "New budget" })).toBeTruthy();
});
