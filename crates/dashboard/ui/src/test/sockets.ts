/** Sockets of jobs that a test speaks for. */

import { act } from "@testing-library/react";
import { vi } from "vitest";

import type { JobFrame } from "../api/schema";

interface Socket {
  url: string;
  onmessage?: (event: { data: string }) => void;
}

export interface Sockets {
  opened: Socket[];
  /** Says something to everybody who follows the job. */
  say: (frame: JobFrame) => void;
}

/** From now on sockets are opened here. Tickets are the server's to give. */
export function sockets(): Sockets {
  const opened: Socket[] = [];
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor(readonly url: string) {
        opened.push(this);
      }
      close() {}
    },
  );
  const say = (frame: JobFrame) =>
    act(() => {
      for (const socket of opened) if (socket.url.includes(`/ws/${frame.job_id}?`)) socket.onmessage?.({ data: JSON.stringify(frame) });
    });
  return { opened, say };
}

export const TICKET = { "POST /auth/ws-ticket": () => ({ ticket: "t", expires_in: 30 }) };
