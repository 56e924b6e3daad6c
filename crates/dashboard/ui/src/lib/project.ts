/** The chosen project, remembered between visits. */

import { useSyncExternalStore } from "react";

const KEY = "cc.project";
const listeners = new Set<() => void>();
let chosen: number | null = remembered();

export function currentProject(): number | null {
  return chosen;
}

export function chooseProject(id: number | null): void {
  chosen = id;
  if (id === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, String(id));
  listeners.forEach((listener) => listener());
}

export function useProjectId(): number | null {
  return useSyncExternalStore(subscribe, currentProject);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function remembered(): number | null {
  const id = Number(localStorage.getItem(KEY));
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
