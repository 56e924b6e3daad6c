import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { useCoalesced } from "./coalesce";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("does the work once for many calls, and again later", () => {
  const work = vi.fn();
  const { result } = renderHook(() => useCoalesced(work, 100));
  for (let call = 0; call < 5; call++) result.current();
  vi.advanceTimersByTime(100);
  expect(work).toHaveBeenCalledTimes(1);
  result.current();
  vi.advanceTimersByTime(100);
  expect(work).toHaveBeenCalledTimes(2);
});

it("drops what is asked for when the component goes", () => {
  const work = vi.fn();
  const { result, unmount } = renderHook(() => useCoalesced(work, 100));
  result.current();
  unmount();
  vi.advanceTimersByTime(1_000);
  expect(work).not.toHaveBeenCalled();
});
