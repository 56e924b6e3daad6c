/** Money: the API counts nano-dollars, people read dollars. Both ways are exact. */

const NANO = 1_000_000_000;

/** An amount in dollars, with as many digits as it has and at least two. */
export function dollars(nano: number): string {
  const amount = Math.abs(nano);
  const parts = String(amount % NANO).padStart(9, "0").replace(/0{1,7}$/, "");
  return `${nano < 0 ? "−" : ""}$${Math.floor(amount / NANO).toLocaleString("en-US")}.${parts}`;
}

/** What an input shows of an amount, in dollars. */
export function dollarInput(nano: number | null | undefined): string {
  return nano == null ? "" : `${Math.floor(nano / NANO)}.${String(nano % NANO).padStart(9, "0")}`.replace(/\.?0+$/, "");
}

/** An amount that a person wrote in dollars; NaN when it is none. */
export function nanoOf(text: string): number {
  const [, whole = "", parts = ""] = /^\$?\s*(\d{1,7})(?:\.(\d{0,9}))?$/.exec(text.trim()) ?? [];
  return whole === "" ? Number.NaN : Number(whole) * NANO + Number(parts.padEnd(9, "0"));
}
