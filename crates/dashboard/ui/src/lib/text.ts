/** Words and numbers for people. */

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago or ahead a moment is. */
export function relative(timestamp: string, now: number = Date.now()): string {
  const seconds = (Date.parse(timestamp) - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return "just now";
}

/** `very_complex` as people write it. */
export function words(value: string): string {
  const text = value.replaceAll(/[_-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

/** Pieces of a text, marked or not. Offsets count code points, as the API does. */
export function marked(text: string, spans: readonly { start: number; end: number }[]): { text: string; mark: boolean }[] {
  const points = Array.from(text);
  const pieces: { text: string; mark: boolean }[] = [];
  let at = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const from = Math.max(start, at);
    if (from >= end || from >= points.length) continue;
    if (from > at) pieces.push({ text: points.slice(at, from).join(""), mark: false });
    pieces.push({ text: points.slice(from, end).join(""), mark: true });
    at = Math.min(end, points.length);
  }
  if (at < points.length) pieces.push({ text: points.slice(at).join(""), mark: false });
  return pieces;
}

/** A timestamp for `<input type=date>`. */
export function dateInput(timestamp: string | null | undefined): string {
  return timestamp ? timestamp.slice(0, 10) : "";
}

/** What `<input type=date>` holds, for the API. A day that nobody changed keeps the time it had. */
export function dateValue(text: string, before?: string | null): string | null {
  if (before && dateInput(before) === text) return before;
  return text ? `${text}T00:00:00Z` : null;
}

/** Labels separated by commas, each once. */
export function labels(text: string): string[] {
  return [...new Set(text.split(",").map((part) => part.trim()).filter(Boolean))];
}

/** The lines of a text that hold anything. */
export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** A length of time, in the two largest units that matter. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3_600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes} min ${whole % 60} s`;
}

/** `1 job`, `2 jobs`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
