/** Figures of an evaluation: each from 0 to 1, beside what changed. */

import type { MeasuresView } from "../../api/schema";
import { Badge } from "../../components/basics";

export const MEASURES = [
  ["ndcg", "nDCG"],
  ["recall", "Recall"],
  ["mrr", "MRR"],
] as const satisfies readonly (readonly [keyof MeasuresView, string])[];

/** Less than this is how a figure is written, not how it changed. */
const NOTHING = 0.0005;

/** How much better or worse a figure is, in words for who sees no colours. */
export function Change({ by }: { by: number }) {
  if (Math.abs(by) < NOTHING) return <span className="muted">same</span>;
  return <Badge value={by > 0 ? "completed" : "failed"} label={`${by > 0 ? "+" : "−"}${Math.abs(by).toFixed(3)}`} />;
}

export function Figure({ value, change }: { value: number; change?: number | null }) {
  return (
    <>
      {value.toFixed(3)} {change != null && <Change by={change} />}
    </>
  );
}
