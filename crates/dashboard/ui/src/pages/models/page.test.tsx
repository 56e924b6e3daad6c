import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { provider } from "../../test/models";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { Models } from "./page";

const server = (items: unknown, more: Record<string, (asked: Asked) => unknown> = {}) => serve({ "GET /settings/providers": () => items, ...more });
const open = (role = "maintainer", admin = false) => show(<Models />, { at: "/settings/models", role, admin });

it("shows where a provider is and what its models cost, and no key", async () => {
  server(pageOf([provider(1)]));
  open();
  const card = within(await screen.findByRole("region", { name: "openai" }));
  expect(card.getByText("https://api.openai.com/v1")).toBeTruthy();
  expect(card.getByText("Stored, ends in ab12")).toBeTruthy();
  const row = within(card.getByRole("row", { name: /^gpt-4o-mini/ }));
  expect(row.getByText("$0.15")).toBeTruthy();
  expect(row.getByText("$0.60")).toBeTruthy();
  expect(card.getByRole("link", { name: "Change openai" }).getAttribute("href")).toBe("/settings/models/1");
});

it("shows a viewer everything, and offers nothing that the server would refuse", async () => {
  server(pageOf([provider(1)]));
  open("viewer");
  expect(await screen.findByText("$0.15")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "New provider" })).toBeNull();
  expect(screen.queryByRole("link", { name: /Change/ })).toBeNull();
  expect(screen.queryByRole("button", { name: /Delete|Test/ })).toBeNull();
});

it("leaves the instance's to administrators, and the configuration's to the configuration", async () => {
  const items = pageOf([provider(1, { alias: "shared", scope: "instance" }), provider(2, { alias: "fixed", scope: "instance", origin: "environment" })]);
  server(items);
  open();
  expect(await screen.findByRole("button", { name: "Test shared" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "Change shared" })).toBeNull();
});

it("lets administrators change the instance's, and delete none of the configuration", async () => {
  server(pageOf([provider(1, { alias: "shared", scope: "instance" }), provider(2, { alias: "fixed", scope: "instance", origin: "environment" })]));
  open("maintainer", true);
  expect(await screen.findByRole("button", { name: "Delete shared" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Change fixed" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Delete fixed" })).toBeNull();
});

it("asks a model for a token, and says how long that took and what it cost", async () => {
  const asked = server(pageOf([provider(1)]), { "POST /settings/providers/1/test": () => ({ ok: true, model: "gpt-4o-mini-2024", cost_nano: 750, latency_ms: 41 }) });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Test openai" }));
  expect(await screen.findByText("gpt-4o-mini-2024 answered in 41 ms, for $0.00000075.")).toBeTruthy();
  expect(asked.at(-1)?.body).toEqual({ model: "gpt-4o-mini" });
});

it("says why a provider does not answer", async () => {
  server(pageOf([provider(1)]), { "POST /settings/providers/1/test": () => new Refusal(502, { type: "https://commandcenter.dev/problems/provider-rejected-key", title: "Bad Gateway", detail: "openai refused the key" }) });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Test openai" }));
  expect(await screen.findByText("provider-rejected-key")).toBeTruthy();
  expect(screen.getByText(/openai refused the key/)).toBeTruthy();
});

it("deletes after asking", async () => {
  const asked = server(pageOf([provider(1)]), { "DELETE /settings/providers/1": () => null });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Delete openai" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(asked.some(({ method }) => method === "DELETE")).toBe(true));
});

it("explains what a provider is while there is none", async () => {
  server(pageOf([]));
  open("viewer");
  expect(await screen.findByText(/A maintainer can add one/)).toBeTruthy();
});
