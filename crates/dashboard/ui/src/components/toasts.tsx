/** Short messages that come and go. */

import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";

type Kind = "good" | "bad";
interface Toast {
  id: number;
  kind: Kind;
  text: string;
}

const Say = createContext<(kind: Kind, text: string) => void>(() => undefined);
const SHOWN_MS = 6_000;

export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(1);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const say = useCallback(
    (kind: Kind, text: string) => {
      const id = next.current++;
      setToasts((all) => [...all.slice(-3), { id, kind, text }]);
      // Bad news stays until it is read.
      if (kind === "good") setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  return (
    <Say.Provider value={say}>
      {children}
      <div className="toasts" role="region" aria-label="Messages" aria-live="polite">
        {toasts.map((toast) => (
          <div key={toast.id} className={`toast ${toast.kind}`}>
            <span>{toast.text}</span>
            <button type="button" className="plain" aria-label="Dismiss message" onClick={() => drop(toast.id)}>
              ×
            </button>
          </div>
        ))}
      </div>
    </Say.Provider>
  );
}

/** How a page speaks. */
export function useToasts(): { good: (text: string) => void; bad: (text: string) => void } {
  const say = useContext(Say);
  return useMemo(() => ({ good: (text: string) => say("good", text), bad: (text: string) => say("bad", text) }), [say]);
}
