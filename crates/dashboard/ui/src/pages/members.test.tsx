import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { pageOf, Refusal, serve, show } from "../test/stage";
import { Members } from "./members";

const member = (user_id: number, email: string, role: string) => ({ user_id, email, full_name: null, role, created_at: "2026-11-01T00:00:00Z" });

function server(add: () => unknown = () => member(3, "cid@example.com", "member")) {
  return serve({
    "GET /projects/7/members": () => pageOf([member(1, "ann@example.com", "owner"), member(2, "bob@example.com", "viewer")]),
    "POST /projects/7/members": add,
    "PATCH /projects/7/members/2": () => member(2, "bob@example.com", "maintainer"),
    "DELETE /projects/7/members/2": () => null,
  });
}

it("adds by address, with a role that the person may give", async () => {
  const asked = server();
  const user = show(<Members />, { at: "/members", role: "maintainer" });
  const form = await screen.findByRole("form", { name: "Add a member" });
  expect(within(form).queryByRole("option", { name: "Owner" })).toBeNull();
  await user.type(within(form).getByLabelText(/E-mail/), "cid@example.com");
  await user.click(within(form).getByRole("button", { name: "Add member" }));
  expect(await screen.findByText("cid@example.com is a member now.")).toBeTruthy();
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ email: "cid@example.com", role: "member" });
});

it("puts the refusal of an address beside it", async () => {
  server(() => new Refusal(404, { type: "https://commandcenter.dev/problems/user-not-found", title: "Not Found", detail: "nobody has this address" }));
  const user = show(<Members />, { at: "/members", role: "owner" });
  await user.type(await screen.findByLabelText(/E-mail/), "x@example.com");
  await user.click(screen.getByRole("button", { name: "Add member" }));
  await waitFor(() => expect(screen.getByLabelText(/E-mail/).getAttribute("aria-invalid")).toBe("true"));
});

it("changes a role and removes, after asking", async () => {
  const asked = server();
  const user = show(<Members />, { at: "/members", role: "owner" });
  await user.selectOptions(await screen.findByLabelText("Role of bob@example.com"), "maintainer");
  await waitFor(() => expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({ role: "maintainer" }));
  await user.click(screen.getByRole("button", { name: "Remove bob@example.com" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Remove" }));
  await waitFor(() => expect(asked.some(({ method }) => method === "DELETE")).toBe(true));
});

it("lets a member only look and leave", async () => {
  server();
  show(<Members />, { at: "/members", role: "member" });
  expect(await screen.findByRole("button", { name: "Leave the project" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Remove/ })).toBeNull();
  expect(screen.queryByRole("form")).toBeNull();
});
