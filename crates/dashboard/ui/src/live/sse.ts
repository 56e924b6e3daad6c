/** Server-sent events out of an answer's body, however the network cut it. */

export interface ServerEvent {
  name: string;
  data: string;
}

/** The events of a body, each when it is whole. Half an event at the end is none. Ends early, and lets the connection go, when asked to. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const letGo = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", letGo);
  const blocks = new Blocks();
  const decoder = new TextDecoder();
  try {
    while (!signal?.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const event of blocks.push(decoder.decode(value, { stream: true }))) {
        if (signal?.aborted) return;
        yield event;
      }
    }
  } finally {
    signal?.removeEventListener("abort", letGo);
    letGo();
  }
}

/** Collects lines into events. */
export class Blocks {
  #rest = "";
  #name = "";
  #data: string[] = [];

  /** What became whole with this piece of text. */
  push(text: string): ServerEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): ServerEvent[] {
    if (line === "") {
      const whole = this.#data.length > 0 ? [{ name: this.#name || "message", data: this.#data.join("\n") }] : [];
      [this.#name, this.#data] = ["", []];
      return whole;
    }
    // What begins with a colon is a sign of life.
    const [field, value] = /^([^:]*):? ?([\s\S]*)$/.exec(line)?.slice(1) ?? [];
    if (field === "event") this.#name = value ?? "";
    if (field === "data") this.#data.push(value ?? "");
    return [];
  }
}

/** An event's data as JSON; null when it is none. */
export function jsonOf<T>({ data }: ServerEvent): T | null {
  try {
    return JSON.parse(data) as T | null;
  } catch {
    return null;
  }
}
