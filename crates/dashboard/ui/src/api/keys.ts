/** Names of cached answers. Everything of a project starts with its id, so that switching never mixes two. */

import { currentProject } from "../lib/project";

const scoped = (...parts: unknown[]) => ["project", currentProject(), ...parts] as const;

export const keys = {
  setup: ["setup"] as const,
  me: ["me"] as const,
  projects: ["projects"] as const,
  apiKeys: (...rest: unknown[]) => ["api-keys", ...rest] as const,
  members: (...rest: unknown[]) => scoped("members", ...rest),
  stats: () => scoped("dashboard", "stats"),
  activity: () => scoped("dashboard", "activity"),
  dashboard: () => scoped("dashboard"),
  repositories: (...rest: unknown[]) => scoped("repositories", ...rest),
  technologies: (...rest: unknown[]) => scoped("technologies", ...rest),
  research: (...rest: unknown[]) => scoped("research", ...rest),
  jobs: (...rest: unknown[]) => scoped("jobs", ...rest),
  sources: (...rest: unknown[]) => scoped("sources", ...rest),
  llm: (...rest: unknown[]) => scoped("llm", ...rest),
  knowledge: (...rest: unknown[]) => scoped("knowledge", ...rest),
};
