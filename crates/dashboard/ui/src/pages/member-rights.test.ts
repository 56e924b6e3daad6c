import { expect, it } from "vitest";

import { grantable, mayChange, mayRemove } from "./member-rights";

it("lets a maintainer give up to maintainer, and an owner anything", () => {
  expect(grantable("owner")).toContain("owner");
  expect(grantable("maintainer")).toEqual(["viewer", "member", "maintainer"]);
  expect(grantable("member")).toEqual([]);
  expect(grantable(null)).toEqual([]);
});

it("lets only owners touch owners, and everybody leave", () => {
  expect(mayChange("maintainer", "owner")).toBe(false);
  expect(mayChange("maintainer", "maintainer")).toBe(true);
  expect(mayChange("owner", "owner")).toBe(true);
  expect(mayRemove("viewer", "viewer", true)).toBe(true);
  expect(mayRemove("member", "viewer", false)).toBe(false);
});
