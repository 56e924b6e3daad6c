import { expect, it } from "vitest";

import { bodyOf, questionOf, searchAddress } from "./question";

it("keeps in the address what is not as usual", () => {
  expect(searchAddress({ q: "how do leases end?", mode: "hybrid", category: "", group: "document" })).toBe("/knowledge/search?q=how+do+leases+end%3F");
  expect(searchAddress({ q: "lease", mode: "keyword", tags: "jobs, api" }, 3)).toBe("/knowledge/search?q=lease&mode=keyword&tags=jobs%2C+api&page=3");
  const params = new URLSearchParams("q=lease&mode=keyword&other=1");
  expect(questionOf((name) => params.get(name))).toEqual({ q: "lease", mode: "keyword" });
});

it("asks what the address holds, and leaves out what it cannot mean", () => {
  const body = bodyOf({ q: " lease ", mode: "magic", repository: "7", technology: "x", tags: "a,, a ,b", since: "2026-11-01", until: "soon", diversity: "0.3", explain: "1" }, 2);
  expect(JSON.parse(JSON.stringify(body))).toEqual({ query: "lease", page: 2, limit: 10, mode: "hybrid", repository_id: 7, tags: ["a", "b"], since: "2026-11-01T00:00:00Z", diversity: 0.3, explain: true });
  expect(bodyOf({ q: "  " }, 1)).toBeNull();
});
