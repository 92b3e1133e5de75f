import type { Phase, RequestRecord, UpgradeRecord } from "../records.ts";

/** Milliseconds; -1: there was no such phase. The sum of the rest is the entry's time. */
export interface HarTimings {
  readonly blocked: number;
  readonly dns: -1;
  readonly connect: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
  /** A part of `connect`, which is not taken down by itself. */
  readonly ssl: -1;
}

/** Where the time went, in the phases of HAR: what is none of the way to the server, hooks of policies among it, is `blocked`. */
export function toHarTimings({
  durationMs,
  phases,
}: Pick<UpgradeRecord | RequestRecord, "durationMs" | "phases">): HarTimings {
  const of = (name: Phase["phase"]) => phases.filter(({ phase }) => phase === name);
  const dials = of("dial").filter(({ isKept }) => isKept === undefined);
  const parts = {
    connect: dials.length === 0 ? -1 : sum(dials),
    send: sum(of("request")),
    wait: sum(of("server")),
    receive: sum(of("answer")),
  };
  // Before phases were taken down there was the time as a whole.
  if (phases.length === 0)
    return { blocked: -1, dns: -1, connect: -1, send: 0, wait: durationMs, receive: 0, ssl: -1 };
  const known = Math.max(0, parts.connect) + parts.send + parts.wait + parts.receive;
  return { blocked: Math.max(0, durationMs - known), dns: -1, ...parts, ssl: -1 };
}

function sum(phases: readonly Phase[]): number {
  return phases.reduce((total, { durationMs }) => total + durationMs, 0);
}
