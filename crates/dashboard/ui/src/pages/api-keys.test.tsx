import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

import { pageOf, serve, show } from "../test/stage";
import { ApiKeys } from "./api-keys";

const key = (id: number, name: string) => ({ id, name, prefix: "cc_ab", created_at: "2026-11-01T00:00:00Z" });

it("shows a new key once", async () => {
  const asked = serve({ "GET /auth/api-keys": () => pageOf([]), "POST /auth/api-keys": () => ({ ...key(2, "ci"), key: "cc_ab_secret" }) });
  const user = show(<ApiKeys />, { at: "/api-keys" });
  expect(await screen.findByText("No key yet")).toBeTruthy();
  await user.type(screen.getByLabelText(/What it is for/), "ci");
  fireEvent.change(screen.getByLabelText("Good until"), { target: { value: "2027-01-31" } });
  await user.click(screen.getByRole("button", { name: "Create key" }));
  expect(await screen.findByText("cc_ab_secret")).toBeTruthy();
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ name: "ci", expires_at: "2027-01-31T23:59:59Z" });
  await user.click(screen.getByRole("button", { name: "I have it" }));
  expect(screen.queryByText("cc_ab_secret")).toBeNull();
});

it("revokes after asking", async () => {
  const asked = serve({ "GET /auth/api-keys": () => pageOf([key(1, "laptop")]), "DELETE /auth/api-keys/1": () => null });
  const user = show(<ApiKeys />, { at: "/api-keys" });
  await user.click(await screen.findByRole("button", { name: "Revoke laptop" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(asked.some(({ method }) => method === "DELETE")).toBe(true));
});
