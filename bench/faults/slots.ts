import { setTimeout as delay } from "node:timers/promises";
import type { Framegate } from "../lib/framegate.ts";
import { findParts } from "../lib/processes.ts";
import { findOwner } from "../lib/socket-owner.ts";
import { type NumberedSession, openNumbered, type SessionEnd } from "./numbered-session.ts";

/** A session that has ended. */
export interface EndedSession extends SessionEnd {
  readonly isCounted: boolean;
  /** The worker that had it; undefined when that has ended before it could be found. */
  readonly owner: number | undefined;
  readonly wrong: readonly string[];
  readonly answered: number;
}

/** A place for one session, which has a successor when it ends. */
export interface Slot {
  readonly session: NumberedSession | undefined;
  stop(): void;
}

export interface SlotOptions {
  readonly gateway: Framegate;
  readonly path: string;
  /** Whether a policy counts its messages. */
  readonly isCounted: boolean;
  onEnd(ended: EndedSession): void;
}

const RETRY_MS = 50;

export function openSlot({ gateway, path, isCounted, onEnd }: SlotOptions): Slot {
  let session: NumberedSession | undefined;
  let isStopped = false;
  void occupy();

  async function occupy(): Promise<void> {
    while (!isStopped) {
      try {
        session = await openNumbered(`ws://127.0.0.1:${gateway.port}${path}`, isCounted);
      } catch {
        // Its worker has gone before it answered, or has no host yet: as a client does, try again.
        await delay(RETRY_MS);
        continue;
      }
      const workers = findParts(gateway.pid).filter(({ kind }) => kind === "worker");
      const pids = workers.map(({ pid }) => pid);
      const owner = findOwner(pids, gateway.port, session.clientPort);
      const end = await session.ended;
      const { wrong, answered } = session;
      if (!isStopped) onEnd({ ...end, isCounted, owner, wrong, answered });
      session = undefined;
    }
  }

  return {
    get session() {
      return session;
    },
    stop() {
      isStopped = true;
      session?.close();
    },
  };
}
