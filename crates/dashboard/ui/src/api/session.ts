/** The session: an access token in memory, and the refresh cookie that scripts cannot read. */

import { ApiProblem, Unreachable } from "./problem";
import type { TokenView } from "./schema";

const REFRESH = "/api/v1/auth/refresh";

export class Session {
  #token: string | null = null;
  #refreshing: Promise<boolean> | null = null;
  readonly #onEnd = new Set<() => void>();

  get token(): string | null {
    return this.#token;
  }

  /** Starts or continues the session with new tokens. The refresh token itself stays in its cookie. */
  open(tokens: TokenView): void {
    this.#token = tokens.access_token;
  }

  /** Forgets the session and tells who listens. */
  end(): void {
    const had = this.#token !== null;
    this.#token = null;
    if (had) this.#onEnd.forEach((listener) => listener());
  }

  onEnd(listener: () => void): () => void {
    this.#onEnd.add(listener);
    return () => this.#onEnd.delete(listener);
  }

  /** Spends the refresh cookie for a new access token; false when there is no session. Callers share one attempt. */
  refresh(): Promise<boolean> {
    this.#refreshing ??= exclusively(() => this.#spend()).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #spend(): Promise<boolean> {
    const response = await fetch(REFRESH, {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "same-origin",
      body: "{}",
    }).catch(() => {
      throw new Unreachable();
    });
    if (response.ok) {
      this.open((await response.json()) as TokenView);
      return true;
    }
    if (response.status !== 401) throw await ApiProblem.from(response);
    this.end();
    return false;
  }
}

/** A refresh token works once, and spending it twice ends the session: tabs take turns. */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? (navigator.locks.request("cc-refresh", work) as Promise<T>) : work();
}

export const session = new Session();
