/** Reads a job's log, one request at a time, and tells who shows it. */

import type { LogLineView, Part } from "../api/jobs-schema";
import { EMPTY_LOG, newerCursor, olderCursor, PART, withNewer, withOlder, type Log } from "./log";

export interface Reading {
  log: Log;
  busy: boolean;
  error: unknown;
}

type Read = (cursor: number | null, limit: number) => Promise<Part<LogLineView>>;

export class LogReader {
  #now: Reading = { log: EMPTY_LOG, busy: false, error: null };
  #again = false;
  readonly #read: Read;
  readonly #listeners = new Set<() => void>();

  constructor(read: Read) {
    this.#read = read;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): Reading => this.#now;

  /** The first part, unless something was read already. */
  async first(): Promise<void> {
    if (newerCursor(this.#now.log) === null && this.#now.log.more) await this.newer();
  }

  /** The next newer part. */
  async newer(): Promise<void> {
    await this.#exclusively(() => this.#forward());
  }

  /** Everything newer, while somebody is there to see it. Asked for again meanwhile, it looks once more at the end. */
  async drain(): Promise<void> {
    this.#again = true;
    await this.#exclusively(async () => {
      while (this.#listeners.size > 0 && (this.#again || this.#now.log.more)) {
        this.#again = false;
        await this.#forward();
      }
    });
  }

  /** The part before the lines that are held. */
  async older(): Promise<void> {
    await this.#exclusively(async () => {
      const { log } = this.#now;
      if (log.gone.length > 0) this.#tell({ log: withOlder(log, await this.#read(olderCursor(log), PART)) });
    });
  }

  async #forward(): Promise<void> {
    const { log } = this.#now;
    this.#tell({ log: withNewer(log, await this.#read(newerCursor(log), PART)) });
  }

  async #exclusively(work: () => Promise<void>): Promise<void> {
    if (this.#now.busy) return;
    this.#tell({ busy: true, error: null });
    try {
      await work();
      this.#tell({ busy: false });
    } catch (error) {
      this.#again = false;
      this.#tell({ busy: false, error });
    }
  }

  #tell(change: Partial<Reading>): void {
    this.#now = { ...this.#now, ...change };
    this.#listeners.forEach((listener) => listener());
  }
}
