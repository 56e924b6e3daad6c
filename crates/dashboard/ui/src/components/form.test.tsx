import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { ApiProblem } from "../api/problem";
import { Form, TextField, useForm, type Values } from "./form";

function Sample({ submit }: { submit: (values: Values) => Promise<string> }) {
  const form = useForm(submit);
  return (
    <Form form={form} inputs={["name", "size"]} label="Sample" action="Save">
      <TextField name="name" label="Name" hint="What to call it" />
      <TextField name="size" label="Size" type="number" />
    </Form>
  );
}

function shown(submit: (values: Values) => Promise<string>) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Sample submit={submit} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

it("puts the server's message beside its input, and the focus there", async () => {
  const problem = new ApiProblem(422, { errors: [{ field: "name", code: "too_long", message: "has more than 255 characters" }] });
  const user = shown(() => Promise.reject(problem));
  await user.type(screen.getByLabelText("Name"), "x");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const input = await screen.findByLabelText("Name");
  await waitFor(() => expect(input.getAttribute("aria-invalid")).toBe("true"));
  const described = input.getAttribute("aria-describedby")?.split(" ").map((id) => document.getElementById(id)?.textContent);
  expect(described).toEqual(["What to call it", "has more than 255 characters"]);
  expect(document.activeElement).toBe(input);
  expect((input as HTMLInputElement).value).toBe("x");
});

it("alerts of what belongs to no input", async () => {
  const user = shown(() => Promise.reject(new ApiProblem(503, { detail: "the database is away" })));
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect((await screen.findByRole("alert")).textContent).toBe("the database is away");
});

it("gives trimmed texts, numbers, and null for nothing", async () => {
  const seen = vi.fn();
  const user = shown((values) => {
    seen(values.text("name"), values.number("size"), values.optional("other"));
    return Promise.resolve("done");
  });
  await user.type(screen.getByLabelText("Name"), "  radar ");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(seen).toHaveBeenCalledWith("radar", null, null));
});
