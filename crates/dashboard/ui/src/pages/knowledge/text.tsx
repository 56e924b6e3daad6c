/** The normalised text of a document, a part at a time, with the passage that the address points to marked. */

import { useEffect, useMemo, useRef, useState } from "react";

import type { SpanView } from "../../api/schema";
import { pointsOf } from "../../lib/points";

/** Code points that are shown at once; texts may have millions. */
const PART = 20_000;
/** Code points that are shown before a passage. */
const LEAD = 1_000;

/** The passage that an address points to; null for none and for what is no span. */
export function spanOf(get: (name: string) => string | null): SpanView | null {
  const [start, end] = [get("start"), get("end")].map((text) => (text === null || text === "" ? NaN : Number(text)));
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && start! >= 0 && end! > start! ? { start: start!, end: end! } : null;
}

export function TextPanel({ content, span }: { content: string; span: SpanView | null }) {
  const points = useMemo(() => pointsOf(content), [content]);
  const passage = span && span.start < points.length ? { start: span.start, end: Math.min(span.end, points.length) } : null;
  const [shown, setShown] = useState(() => {
    const from = Math.max(0, (passage?.start ?? 0) - LEAD);
    return { from, to: Math.max(from + PART, passage?.end ?? 0) };
  });
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    // The frame of the page takes the focus to its start first.
    const frame = requestAnimationFrame(() => {
      mark.current?.scrollIntoView({ block: "center" });
      mark.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  const to = Math.min(shown.to, points.length);
  const [start, end] = passage ? [Math.max(passage.start, shown.from), Math.min(passage.end, to)] : [to, to];
  return (
    <div className="document-text">
      {shown.from > 0 && (
        <button type="button" onClick={() => setShown({ ...shown, from: Math.max(0, shown.from - PART) })}>
          Show what is before
        </button>
      )}
      {/* A long text scrolls, so the keyboard must reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="text-body" tabIndex={0} role="group" aria-label="Text of the document">
        {points.slice(shown.from, start)}
        {start < end && (
          <mark ref={mark} tabIndex={-1}>
            {points.slice(start, end)}
          </mark>
        )}
        {points.slice(end, to)}
      </div>
      {to < points.length && (
        <button type="button" onClick={() => setShown({ ...shown, to: to + PART })}>
          Show what is after
        </button>
      )}
      {span && !passage && <p className="notice busy">The passage is no longer in this text: a newer version was read since.</p>}
    </div>
  );
}
