/** Filters that are written: they apply when they are left, or on Enter. */

import type { ListState } from "../../components/list";

interface Props {
  name: string;
  label: string;
  state: ListState;
}

export function TextFilter({ name, label, state }: Props) {
  const apply = (value: string) => {
    if (value.trim() !== state.get(name)) state.set({ [name]: value.trim() });
  };
  return (
    <label className="filter">
      <span>{label}</span>
      <input
        key={state.get(name)}
        type="search"
        defaultValue={state.get(name)}
        onBlur={(event) => apply(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") apply(event.currentTarget.value);
        }}
      />
    </label>
  );
}

export function DayFilter({ name, label, state }: Props) {
  return (
    <label className="filter">
      <span>{label}</span>
      <input type="date" value={state.get(name)} onChange={(event) => state.set({ [name]: event.target.value })} />
    </label>
  );
}
