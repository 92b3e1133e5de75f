import type { AlertEvent } from "../config/index.ts";

/** Something that somebody is to know who does not look. */
export interface Alert {
  readonly event: AlertEvent;
  /** One sentence, for people. */
  readonly summary: string;
  /** What it is of: two with the same event and subject are the same alert. */
  readonly subject: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>>;
}

export type Severity = "info" | "warning" | "error";

export const SEVERITY_OF = {
  "policy.alert": "warning",
  "policy.failed": "error",
  "policy.quarantined": "error",
  "policy.rejected": "error",
  "rollout.aborted": "error",
  "rollout.finished": "info",
  "source.taken": "info",
  "source.refused": "error",
  "source.failed": "warning",
  "upstream.down": "warning",
  "upstream.up": "info",
  "kv.lost": "error",
  "kv.back": "info",
  "cluster.lost": "error",
  "cluster.back": "info",
  "sandbox.host-replaced": "error",
  "worker.died": "error",
  "connections.refused": "error",
  "gateway.ready": "info",
  "gateway.stopping": "info",
} as const satisfies Record<AlertEvent, Severity>;

/** What the gateway has to tell must not be kept out by what policies make up: that has half of each room, and no more. */
export function isOfPolicy({ event }: Pick<Alert, "event">): boolean {
  return event === "policy.alert";
}

/** The same alert, so many times. */
export interface CountedAlert {
  readonly alert: Alert;
  readonly count: number;
  /** Of the first and the last of them, ms since 1970. */
  readonly since: number;
  readonly time: number;
}
