/** Lists whose page, order and filters live in the address, so that they can be shared and gone back to. */

import { useCallback } from "react";
import { useSearchParams } from "react-router";

import type { Page } from "../api/schema";

export interface ListState {
  page: number;
  sort: string;
  get: (name: string) => string;
  set: (changes: Record<string, string | number | null>) => void;
}

export function useListState(defaultSort: string): ListState {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (changes: Record<string, string | number | null>) => {
      setParams((before) => {
        const after = new URLSearchParams(before);
        // Another filter or order starts at the first page.
        if (!("page" in changes)) after.delete("page");
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === "") after.delete(name);
          else after.set(name, String(value));
        }
        return after;
      });
    },
    [setParams],
  );
  const page = Number(params.get("page"));
  return {
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    sort: params.get("sort") ?? defaultSort,
    get: (name) => params.get(name) ?? "",
    set,
  };
}

type Turn = { state: ListState; onPage?: never } | { state?: never; onPage: (page: number) => void };

/** Turns the pages of a list, in the address or where the list keeps its page itself. */
export function Pagination({ page, state, onPage = (next) => state?.set({ page: next }) }: { page: Page<unknown> } & Turn) {
  const last = Math.max(1, Math.ceil(page.total / page.page_size));
  if (last === 1 && page.page === 1) return <p className="count">{page.total} in total</p>;
  return (
    <nav className="pagination" aria-label="Pages">
      <button type="button" disabled={!page.has_prev} onClick={() => onPage(page.page - 1)}>
        Previous
      </button>
      <span>
        Page {page.page} of {last} · {page.total} in total
      </span>
      <button type="button" disabled={!page.has_next} onClick={() => onPage(page.page + 1)}>
        Next
      </button>
    </nav>
  );
}

/** A column head that orders the table. */
export function SortHead({ field, label, state }: { field: string; label: string; state: ListState }) {
  const up = state.sort === field;
  const down = state.sort === `-${field}`;
  return (
    <th scope="col" aria-sort={up ? "ascending" : down ? "descending" : "none"}>
      <button type="button" className="sort" onClick={() => state.set({ sort: down ? field : `-${field}` })}>
        {label}
        <span aria-hidden="true">{up ? " ▲" : down ? " ▼" : ""}</span>
      </button>
    </th>
  );
}

/** A filter that applies as soon as it is chosen. */
export function Filter({ name, label, options, state }: { name: string; label: string; options: readonly { value: string; label: string }[]; state: ListState }) {
  return (
    <label className="filter">
      <span>{label}</span>
      <select value={state.get(name)} onChange={(event) => state.set({ [name]: event.target.value })}>
        <option value="">All</option>
        {options.map(({ value, label: text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Search by words; applies on Enter. */
export function SearchBox({ label, state }: { label: string; state: ListState }) {
  return (
    <form
      role="search"
      aria-label={label}
      className="filter"
      onSubmit={(event) => {
        event.preventDefault();
        const value = new FormData(event.currentTarget).get("search");
        state.set({ search: typeof value === "string" ? value.trim() : "" });
      }}
    >
      <label className="filter">
        <span>{label}</span>
        <input key={state.get("search")} type="search" name="search" defaultValue={state.get("search")} />
      </label>
      <button type="submit">Search</button>
    </form>
  );
}
