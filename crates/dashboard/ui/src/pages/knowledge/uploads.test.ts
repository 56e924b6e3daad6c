import { expect, it } from "vitest";

import { followed, summary, type Upload, type UploadState } from "./uploads";

const upload = (key: number, state: UploadState): Upload => ({ key, name: `${key}.md`, state, job: key, document: key, reason: null });

it("follows a few of many jobs at once", () => {
  const uploads = [upload(1, "searchable"), ...[2, 3, 4, 5, 6, 7].map((key) => upload(key, "reading"))];
  expect([...followed(uploads)]).toEqual([2, 3, 4, 5, 6]);
});

it("says how many stand where", () => {
  expect(summary([upload(1, "searchable"), upload(2, "searchable"), upload(3, "refused"), upload(4, "reading")])).toBe("2 searchable, 1 being read, 1 refused");
});
