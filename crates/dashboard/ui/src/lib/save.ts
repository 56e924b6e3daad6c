/** Saving what was fetched: the download needs the token in a header, so a plain link cannot do it. */

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}

/** The file's name that an answer gives. */
export function nameOf(response: Response, without: string): string {
  return /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? without;
}

/** An answer's bytes, with word of how many there are so far. An answer that breaks off is an error. */
export async function received(response: Response, onBytes: (bytes: number) => void): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    onBytes((bytes += value.length));
  }
  return new Blob(parts, { type: response.headers.get("content-type") ?? "" });
}
