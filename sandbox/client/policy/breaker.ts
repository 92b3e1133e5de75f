import type { FaultReason } from "../../contract/faults.ts";

/**
 *            5 strikes in a row                1 s
 *   closed ──────────────────────▶ open ──────────────▶ probing ──▶ closed   the probe went well
 *                                    ▲                     │
 *                                    └─────────────────────┘   it did not
 *
 * Times are those of a clock that nobody sets, in milliseconds: one that is put back would keep it open for as long.
 */
export interface Breaker {
  state(now: number): "closed" | "open" | "probing";
  report(reason: FaultReason | undefined, now: number): void;
  /** Open at once: there is nothing to send calls to. */
  trip(now: number): void;
  reset(): void;
}

const STRIKES = 5;
const OPEN_MS = 1000;

export function createBreaker(): Breaker {
  let strikes = 0;
  let openUntil: number | undefined;
  return {
    state(now) {
      if (openUntil === undefined) return "closed";
      return now < openUntil ? "open" : "probing";
    },
    report(reason, now) {
      if (reason === "unavailable") return;
      if (reason === undefined || reason === "throw" || reason === "verdict") {
        strikes = 0;
        openUntil = undefined;
        return;
      }
      strikes++;
      if (strikes >= STRIKES || openUntil !== undefined) openUntil = now + OPEN_MS;
    },
    trip(now) {
      openUntil = now + OPEN_MS;
    },
    reset() {
      strikes = 0;
      openUntil = undefined;
    },
  };
}
