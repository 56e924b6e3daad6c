/** Bodies that arrive in pieces. */

/** A body of this text, cut wherever so many bytes are full, also within a character. */
export function bodyOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

/** Events as the API writes them. */
export function written(...events: [name: string, data: unknown][]): string {
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("");
}

/** An answer whose body the test writes itself. */
export function speaker(): { response: Response; say: (text: string) => void; end: () => void; isCancelled: () => boolean } {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const encoder = new TextEncoder();
  return { response: new Response(body), say: (text) => controller.enqueue(encoder.encode(text)), end: () => controller.close(), isCancelled: () => cancelled };
}
