/** A queue's depth as a bar, which says its numbers to who cannot see it. */

import type { QueueView } from "../../api/jobs-schema";
import { words } from "../../lib/text";
import { depthOf, KINDS, segments, WIDTH } from "./bars";

const HEIGHT = 4;

export function QueueBar({ queue, scale }: { queue: QueueView; scale: number }) {
  return (
    <svg className="depth" role="img" aria-label={`Depth of ${queue.name}: ${depthOf(queue)}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
      <rect className="bar-ground" width={WIDTH} height={HEIGHT} />
      {segments(queue, scale).map(({ kind, x, width }) => (
        <rect key={kind} className={`bar-${kind}`} x={x} width={width} height={HEIGHT} />
      ))}
    </svg>
  );
}

/** Which colour is which. */
export function Legend() {
  return (
    <ul className="legend" aria-hidden="true">
      {KINDS.map((kind) => (
        <li key={kind}>
          <svg viewBox="0 0 1 1" width="12" height="12">
            <rect className={`bar-${kind}`} width="1" height="1" />
          </svg>
          {words(kind)}
        </li>
      ))}
    </ul>
  );
}
