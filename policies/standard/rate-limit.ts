import type { Message } from "framegate/policy";
import { refuse, type ViolationOptions, violationProperties } from "./lib/refusals.ts";

/** So many messages of a client's in a time, and no more. */
interface Options extends ViolationOptions {
  readonly rate: number;
  readonly per: "second" | "minute" | "hour";
  readonly burst?: number;
}

/** A bucket of tokens, one of which each message takes. */
interface Session {
  tokens?: number;
  /** Milliseconds since 1970. */
  at?: number;
}

export const optionsSchema = {
  type: "object",
  required: ["rate"],
  properties: {
    rate: { type: "number", exclusiveMinimum: 0, description: "Messages of a client's." },
    per: { enum: ["second", "minute", "hour"], default: "second", description: "The time for so many." },
    burst: {
      type: "number",
      minimum: 1,
      description:
        "How many may come at once after a silence. Without it, as many as `rate`, and at least one.",
    },
    ...violationProperties,
  },
  additionalProperties: false,
};

const lengthMs = { second: 1000, minute: 60_000, hour: 3_600_000 };

export const client: Message<Options, Session> = ({ frame, options, session }) => {
  const { rate, per, burst = Math.max(rate, 1) } = options;
  const { tokens = burst, at = frame.time } = session;
  // A clock that is set back takes nothing away.
  const gained = (Math.max(frame.time - at, 0) * rate) / lengthMs[per];
  session.tokens = Math.min(tokens + gained, burst);
  session.at = frame.time;
  if (session.tokens < 1) return refuse(options, "too many messages");
  session.tokens--;
  return undefined;
};
