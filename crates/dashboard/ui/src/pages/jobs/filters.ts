/** Which jobs are shown: the filters as the address keeps them, and as the API takes them. */

import type { Query } from "../../api/client";
import { JOB_STATUSES, JOB_TYPES, QUEUES, WINDOWS } from "../../api/jobs-schema";
import { options } from "../../components/options";

export interface JobFilters {
  status: string;
  type: string;
  queue: string;
}

/** Names of types and queues; anything else in an address is no filter. */
const NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/** The filters that an address holds. What it cannot mean is left out, so that it hides nothing. */
export function filtersOf(get: (name: string) => string): JobFilters {
  const named = (name: string) => (NAME.test(get(name)) ? get(name) : "");
  const status = get("status");
  return { status: (JOB_STATUSES as readonly string[]).includes(status) ? status : "", type: named("type"), queue: named("queue") };
}

/** Waits and runs are measured in a window only, so there is one unless all time is asked for. */
export const USUAL_WINDOW = "24h";
export const ALL_TIME = "all";

/** The window of the statistics that an address holds. */
export function windowOf(get: (name: string) => string): string {
  return [...WINDOWS, ALL_TIME].find((known) => known === get("window")) ?? USUAL_WINDOW;
}

/** The address of the list with these filters. */
export function listAddress(filters: Partial<JobFilters>): string {
  const text = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== "")).toString();
  return text ? `/jobs?${text}` : "/jobs";
}

/** The filters as the list's query. */
export function listQuery({ status, type, queue }: JobFilters, page: number, sort: string): Query {
  return { page, limit: 20, sort, status, job_type: type, queue };
}

export function isFiltered({ status, type, queue }: JobFilters): boolean {
  return [status, type, queue].some((value) => value !== "");
}

/** Choices with those that are known, chosen or seen, each once. */
export function choices(known: readonly string[], ...more: string[]) {
  return options([...new Set([...known, ...more])].filter((value) => value !== ""));
}

export const STATUS_CHOICES = options(JOB_STATUSES);
export const typeChoices = (...more: string[]) => choices(JOB_TYPES, ...more);
export const queueChoices = (...more: string[]) => choices(QUEUES, ...more);
