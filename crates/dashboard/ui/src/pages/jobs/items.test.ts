import { expect, it } from "vitest";

import { itemsOf } from "./items";

it("says what a job counts, and nothing when it does not", () => {
  expect(itemsOf({ items_done: 3, items_failed: 0, items_total: 10 })).toBe("3 of 10 items done");
  expect(itemsOf({ items_done: 3, items_failed: 2, items_total: null })).toBe("3 items done, 2 failed");
  expect(itemsOf({ items_done: null, items_failed: null, items_total: null })).toBeNull();
  expect(itemsOf({ items_done: 0, items_failed: 0, items_total: null })).toBeNull();
  expect(itemsOf({ items_done: 0, items_failed: 0, items_total: 4 })).toBe("0 of 4 items done");
  expect(itemsOf({})).toBeNull();
});
