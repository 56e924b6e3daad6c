import { expect, it } from "vitest";

import { pointsOf } from "./points";

it("cuts by code points, as the API counts them", () => {
  const plain = pointsOf("grüße");
  expect([plain.length, plain.slice(1, 3)]).toEqual([5, "rü"]);
  const paired = pointsOf("a🦩b🦩c");
  expect([paired.length, paired.slice(1, 3), paired.slice(3, 99)]).toEqual([5, "🦩b", "🦩c"]);
});
