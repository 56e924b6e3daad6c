import { describe, expect, it } from "vitest";

import { ApiProblem, formProblem } from "./problem";

const invalid = (...errors: { field: string; message: string }[]) => new ApiProblem(422, { title: "Invalid", detail: "Some fields are wrong", errors: errors.map((error) => ({ code: "x", ...error })) });

describe("problems of a form", () => {
  it("go beside the inputs they name", () => {
    const error = invalid({ field: "title", message: "is required" }, { field: "dependencies.12", message: "must be text" });
    expect(formProblem(error, ["title", "dependencies"])).toEqual({ fields: { title: "is required", dependencies: "must be text" }, form: null });
  });

  it("are joined when one input has two", () => {
    const error = invalid({ field: "name", message: "is too long" }, { field: "name", message: "has control characters" });
    expect(formProblem(error, ["name"]).fields.name).toBe("is too long; has control characters");
  });

  it("stay visible when the form has no such input", () => {
    expect(formProblem(invalid({ field: "metadata", message: "is unknown" }), ["name"])).toEqual({ fields: {}, form: "metadata: is unknown" });
  });

  it("put a conflict beside the input that causes it", () => {
    const error = new ApiProblem(409, { type: "https://commandcenter.dev/problems/project-name-taken", detail: "you have a project of this name" });
    expect(formProblem(error, ["name"])).toEqual({ fields: { name: "you have a project of this name" }, form: null });
  });

  it("say the detail of anything else", () => {
    expect(formProblem(new ApiProblem(403, { detail: "registration is closed" }), ["email"]).form).toBe("registration is closed");
    expect(formProblem(new Error("gone"), ["email"]).form).toBe("gone");
    expect(formProblem(null, ["email"])).toEqual({ fields: {}, form: null });
  });

  it("survive an answer that is no problem document", async () => {
    const error = await ApiProblem.from(new Response("<html>", { status: 502 }));
    expect(error.message).toBe("The server answered 502");
  });
});

it("prefers an input of the field's whole name over one of its first part", () => {
  const error = new ApiProblem(422, { errors: [{ field: "config.max_pages", code: "out_of_range", message: "too many" }, { field: "config.shape", code: "unknown_field", message: "unknown" }] });
  expect(formProblem(error, ["config.max_pages"])).toEqual({ fields: { "config.max_pages": "too many" }, form: "config.shape: unknown" });
  expect(formProblem(error, ["config"])).toEqual({ fields: { config: "too many; unknown" }, form: null });
});
