/** Tables that are wider than a narrow window. */

import type { ReactNode } from "react";

/** A table that scrolls sideways, which the keyboard must reach. */
export function WideTable({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    // What scrolls has to take the focus, or the keyboard cannot scroll it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap" role="group" aria-label={label} tabIndex={0}>
      <table className={className}>{children}</table>
    </div>
  );
}
