import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { agent, model } from "../../test/models";
import { pageOf, Refusal, serve, show, type Asked } from "../../test/stage";
import { Roles } from "./roles";

const server = (roles: unknown[], more: Record<string, (asked: Asked) => unknown> = {}) =>
  serve({ "GET /settings/agents": () => pageOf(roles), "GET /settings/models": () => pageOf([model("gpt-4o-mini"), model("org/gpt-4o")]), ...more });
const open = (role = "maintainer") => show(<Roles />, { at: "/settings/models/roles", role });

it("sets a role with what steps in for it, in order", async () => {
  const asked = server([], { "PUT /settings/agents/answer": () => agent("answer") });
  const user = open();
  await user.type(await screen.findByLabelText(/^Role/, { selector: "input" }), "answer");
  await user.selectOptions(screen.getByLabelText("Model"), "openai/org/gpt-4o");
  await user.click(screen.getByRole("button", { name: "Add one that steps in" }));
  await user.selectOptions(screen.getByLabelText("Steps in, 1"), "openai/gpt-4o-mini");
  await user.click(screen.getByRole("button", { name: "Set the role" }));
  expect(await screen.findByText("The role answer is set.")).toBeTruthy();
  expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ provider: "openai", model_id: "org/gpt-4o", fallbacks: [{ provider: "openai", model_id: "gpt-4o-mini" }] });
});

it("changes one from the list, and takes the focus there", async () => {
  const asked = server([agent("answer")], { "PUT /settings/agents/answer": () => agent("answer", { fallbacks: [] }) });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Change the role answer" }));
  expect(globalThis.document.activeElement?.textContent).toBe("Change the role answer");
  // A model that went meanwhile can still be seen.
  expect(screen.getByLabelText<HTMLSelectElement>("Steps in, 1").value).toBe("openai/gpt-4o");
  await user.selectOptions(screen.getByLabelText("Steps in, 1"), "");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ provider: "openai", model_id: "gpt-4o-mini", fallbacks: [] }));
});

it("shows the server's problems", async () => {
  server([agent("answer")], { "PUT /settings/agents/answer": () => new Refusal(422, { detail: "wrong", errors: [{ field: "fallbacks.0.model_id", code: "blank", message: "must not contain blanks" }, { field: "fallbacks", code: "repeated", message: "names a model twice" }] }) });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Change the role answer" }));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByText("must not contain blanks")).toBeTruthy();
  expect(screen.getByText("fallbacks: names a model twice")).toBeTruthy();
});

it("takes a role's setting away after asking; the instance's stays", async () => {
  const asked = server([agent("answer"), agent("judge", { scope: "instance" })], { "DELETE /settings/agents/answer": () => null });
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Delete role answer" }));
  expect(screen.queryByRole("button", { name: "Delete role judge" })).toBeNull();
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(asked.some(({ method }) => method === "DELETE")).toBe(true));
});

it("only shows a viewer what there is", async () => {
  server([agent("answer")]);
  open("viewer");
  expect(await screen.findByText("openai/gpt-4o-mini")).toBeTruthy();
  expect(screen.queryByRole("form")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});
