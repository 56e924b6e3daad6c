import { expect, it } from "vitest";

import { dollarInput, dollars, nanoOf } from "./money";

it("says nano-dollars in dollars, to the last digit", () => {
  expect([0, 1, 1_230_000, 150_000_000, 50_000_000_000, 1_234_500_000_000].map(dollars)).toEqual(["$0.00", "$0.000000001", "$0.00123", "$0.15", "$50.00", "$1,234.50"]);
});

it("reads what people write, and gives it back", () => {
  expect(["0.15", "$ 50", "3.", "0.000000001"].map(nanoOf)).toEqual([150_000_000, 50_000_000_000, 3_000_000_000, 1]);
  expect(["", "-1", "1,5", "0.0000000001", "ten"].map(nanoOf).every(Number.isNaN)).toBe(true);
  for (const nano of [0, 1, 150_000_000, 50_000_000_000]) expect(nanoOf(dollarInput(nano))).toBe(nano);
  expect(dollarInput(50_000_000_000)).toBe("50");
});
