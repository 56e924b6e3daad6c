import { words } from "../lib/text";

/** Choices of a select from the values the API knows. */
export function options(values: readonly string[]): { value: string; label: string }[] {
  return values.map((value) => ({ value, label: words(value) }));
}
