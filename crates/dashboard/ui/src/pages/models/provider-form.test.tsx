import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";

import { MODEL, provider } from "../../test/models";
import { Refusal, serve, show } from "../../test/stage";
import { EditProvider, NewProvider } from "./edit";

const address = () => screen.getByLabelText("Address", { selector: "output" }).textContent;
const openNew = (role = "maintainer") => show(<NewProvider />, { at: "/settings/models/new", path: "/settings/models/new", role });
const openOne = () => show(<EditProvider />, { at: "/settings/models/1", path: "/settings/models/:id", role: "maintainer", admin: true });
const WRONG = { type: "https://commandcenter.dev/problems/validation", detail: "some fields are wrong" };

it("adds a provider with the prices of its models", async () => {
  const asked = serve({ "POST /settings/providers": () => provider(1) });
  const user = openNew();
  await user.type(screen.getByLabelText(/^Name \(required\)/), "openai");
  await user.type(screen.getByLabelText("Key"), "sk-1");
  await user.type(screen.getByLabelText(/^Name at the provider/), "gpt-4o-mini");
  await user.type(screen.getByLabelText("Dollars per million tokens in"), "0.15");
  await user.type(screen.getByLabelText("Dollars per million tokens out"), "0.6");
  await user.click(screen.getByRole("checkbox", { name: "Tools" }));
  await user.click(screen.getByRole("button", { name: "Add provider" }));
  await waitFor(() => expect(address()).toBe("/settings/models"));
  expect(asked[0]?.body).toEqual({
    alias: "openai",
    dialect: "openai",
    base_url: null,
    api_key: "sk-1",
    models: [{ name: "gpt-4o-mini", input_nano_per_million: 150_000_000, output_nano_per_million: 600_000_000, context_window: 128_000, max_output_tokens: 4_096, capabilities: ["tools"] }],
    enabled: true,
  });
});

it("says beside its input that a price is none, and asks nothing", async () => {
  const asked = serve({});
  const user = openNew();
  await user.click(screen.getByRole("button", { name: "Add a model" }));
  await user.type(screen.getAllByLabelText("Dollars per million tokens in")[1]!, "cheap");
  await user.click(screen.getByRole("button", { name: "Add provider" }));
  expect(await screen.findByText("must be an amount in dollars, such as 0.15")).toBeTruthy();
  expect(screen.getAllByLabelText("Dollars per million tokens in")[1]?.getAttribute("aria-invalid")).toBe("true");
  expect(asked).toHaveLength(0);
});

it("shows the server's problems beside their inputs", async () => {
  const errors = [
    { field: "alias", code: "not_a_name", message: "must be made of letters" },
    { field: "base_url", code: "private", message: "must not be private" },
    { field: "models.0.name", code: "blank", message: "must not contain blanks" },
  ];
  serve({ "POST /settings/providers": () => new Refusal(422, { ...WRONG, errors }) });
  const user = openNew();
  await user.click(screen.getByRole("button", { name: "Add provider" }));
  expect(await screen.findByText("must not contain blanks")).toBeTruthy();
  for (const label of [/^Name \(required\)/, /^Address/, /^Name at the provider/]) expect(screen.getByLabelText(label, { selector: "input" }).getAttribute("aria-invalid")).toBe("true");
});

it("keeps the stored key, and the version it was read at", async () => {
  const asked = serve({ "GET /settings/providers/1": () => new Response(JSON.stringify(provider(1)), { headers: { etag: '"3"' } }), "PATCH /settings/providers/1": () => provider(1) });
  const user = openOne();
  await user.clear(await screen.findByLabelText("Dollars per million tokens in"));
  await user.type(screen.getByLabelText("Dollars per million tokens in"), "0.2");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(asked.some(({ method }) => method === "PATCH")).toBe(true));
  const patch = asked.find(({ method }) => method === "PATCH");
  expect(patch?.headers.get("if-match")).toBe('"3"');
  expect(patch?.body).toMatchObject({ alias: "openai", models: [{ name: MODEL.name, input_nano_per_million: 200_000_000, output_nano_per_million: 600_000_000, capabilities: ["tools"] }] });
  expect(patch?.body).not.toHaveProperty("api_key");
});

it("removes the stored key when asked to", async () => {
  const asked = serve({ "GET /settings/providers/1": () => provider(1), "PATCH /settings/providers/1": () => provider(1) });
  const user = openOne();
  await user.click(await screen.findByRole("checkbox", { name: "Remove the stored key" }));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(asked.find(({ method }) => method === "PATCH")?.body).toMatchObject({ api_key: null }));
});

it("changes only models and whether it is called of one that the configuration sets up", async () => {
  const asked = serve({ "GET /settings/providers/1": () => provider(1, { origin: "environment", scope: "instance" }), "PATCH /settings/providers/1": () => provider(1) });
  const user = openOne();
  await user.click(await screen.findByRole("checkbox", { name: "It is called" }));
  expect(screen.queryByLabelText(/^Key|^New key/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(Object.keys(asked.find(({ method }) => method === "PATCH")?.body as object)).toEqual(["models", "enabled"]));
});

it("is a maintainer's", () => {
  serve({});
  openNew("member");
  expect(screen.getByText("This takes more rights")).toBeTruthy();
  expect(screen.queryByRole("form")).toBeNull();
});
