import { z } from "zod";
import { parseDuration } from "../amounts.ts";
import { section, text, whole } from "./schema-parts.ts";
import { durationOrZero } from "./units.ts";

/** How a new version of a policy comes to sessions. */
export interface RolloutConfig {
  /** Shares of the sessions, from 0 to 1, each above the one before. */
  readonly steps: readonly number[];
  /** Which machines of a fleet have it, step by step, before its share of the sessions grows; absent: all from the first step on. */
  readonly machines?: readonly MachineShare[];
  readonly everyMs: number;
  readonly by: RolloutKey;
  readonly minCalls: number;
  readonly abort: RolloutBounds;
}

/** So many machines, or a share of them from 0 to 1. */
export type MachineShare = { readonly count: number } | { readonly share: number };

/** What tells which side a session is on: all with the same value are on the same. */
export type RolloutKey =
  | { readonly source: "session" }
  /** Names of headers in lower case. */
  | { readonly source: "header" | "attribute"; readonly name: string };

/** What is too much; absent: not looked at. */
export interface RolloutBounds {
  /** Of the calls. */
  readonly faults?: ShareBound;
  /** Of the sessions. */
  readonly closes?: ShareBound;
  /** So much over that of the version before. */
  readonly p99Ms?: number;
  /** Of the calls of sessions on the other side that it gets copies of, from 0 to 1. */
  readonly shadowDiffs?: number;
}

export interface ShareBound {
  /** From 0 to 1. */
  readonly share: number;
  /** Counted from what the version before has. */
  readonly isOver: boolean;
}

const SHARE = /^(\d+(?:\.\d+)?)%$/;
const STEP_TEXT = 'a share such as "5%", above 0% and up to 100%';
const MACHINES_TEXT = 'a number of machines from 1, or a share of them such as "25%"';
const BY_TEXT = 'one of "session", "header:NAME", "attribute:NAME"';
const BOUND_TEXT = 'a share such as "1%", "+1%" for so much more than the version before, or false';
const DIFFS_TEXT = 'a share such as "1%", or false';
const P99_TEXT = 'a duration with a plus before it, such as "+5ms", or false';

/** Some of the sessions, or all. */
export function shareText(text = STEP_TEXT) {
  return z
    .string({ error: text })
    .regex(SHARE, { error: text })
    .refine((value) => readShare(value) > 0 && readShare(value) <= 1, { error: text });
}

const bound = z.union(
  [z.literal(false), z.string({ error: BOUND_TEXT }).regex(/^\+?\d+(?:\.\d+)?%$/, { error: BOUND_TEXT })],
  { error: BOUND_TEXT },
);

const abort = section(
  "RolloutAbortInput",
  {
    faults: bound
      .prefault("+1%")
      .describe(
        'Share of its calls that may fail: "+1%" counts from what the version before has, "1%" does not, false does not look.',
      ),
    closes: bound
      .prefault("+5%")
      .describe("Share of its sessions that it may end or refuse: by a verdict, or by a fault."),
    p99: z
      .union(
        [
          z.literal(false),
          z.string({ error: P99_TEXT }).regex(/^\+\d+(?:\.\d+)?\s*(?:ms|s)$/, { error: P99_TEXT }),
        ],
        { error: P99_TEXT },
      )
      .prefault(false)
      .describe(
        "How much longer the slowest hundredth of its calls may take than that of the version before.",
      ),
    shadowDiffs: z
      .union([z.literal(false), z.string({ error: DIFFS_TEXT }).regex(SHARE, { error: DIFFS_TEXT })], {
        error: DIFFS_TEXT,
      })
      .prefault(false)
      .describe(
        "Share of the calls of sessions on the other side on which it may say otherwise than the version before: it runs as their shadow then.",
      ),
  },
  'an object such as { faults: "1%", p99: "+5ms" }',
);

const rolloutObject = section(
  "RolloutInput",
  {
    steps: z
      .array(shareText(), { error: 'a list of shares such as ["5%", "25%", "100%"]' })
      .min(1, { error: "at least one share" })
      .prefault(["5%", "25%", "100%"])
      .superRefine((steps, context) => {
        const shares = steps.map(readShare);
        if (shares.some((share, index) => index > 0 && share <= (shares[index - 1] ?? 0)))
          context.addIssue({ code: "custom", message: "shares that grow from step to step" });
      })
      .describe(
        "Which share of the sessions has the new version, step by step. When the last is below 100% it waits there for `framegate rollout promote`.",
      ),
    machines: z
      .array(
        z.union([whole(1, 10_000, MACHINES_TEXT), shareText(MACHINES_TEXT)], {
          error: MACHINES_TEXT,
        }),
        { error: 'a list such as [1, "25%", "100%"]' },
      )
      .refine((machines) => machines.length === 0 || machines.at(-1) === "100%", {
        error: '"100%" as the last one',
      })
      .exactOptional()
      .describe(
        "In a fleet: which machines have the new version, step by step, before its share of the sessions grows; the last is all of them. Default: all from the first step on.",
      ),
    every: durationOrZero("none")
      .prefault("5m")
      .describe("How long a step lasts at least; 0: only as long as `minCalls` take."),
    by: text(BY_TEXT)
      .regex(/^(session|(header|attribute):.+)$/, { error: BY_TEXT })
      .prefault("session")
      .describe(
        'What puts sessions on the same side: "session" (each by itself), "header:NAME" or "attribute:NAME" (of the upgrade\'s attributes). A session without it has the version before until all have the new one.',
      ),
    minCalls: whole(1, 1_000_000_000, "a whole number from 1")
      .prefault(100)
      .describe("How many calls of the new version a step has at least, and a judgement."),
    abort: abort.prefault({}).describe("When the new version is taken back."),
  },
  'an object such as { steps: ["5%", "100%"], every: "5m" }',
);

export function rolloutOption() {
  const error = 'an object such as { steps: ["5%", "100%"], every: "5m" }, or false';
  return z.union([z.literal(false, { error }), rolloutObject], { error });
}

export function resolveRollout(parsed: false | z.output<typeof rolloutObject>): RolloutConfig | false {
  if (parsed === false) return false;
  const { steps, machines = [], every, by, minCalls, abort } = parsed;
  return {
    steps: steps.map(readShare),
    ...(machines.length > 0 && { machines: machines.map(readMachines) }),
    everyMs: every,
    by: readKey(by),
    minCalls,
    abort: readBounds(abort),
  };
}

function readMachines(machines: number | string): MachineShare {
  return typeof machines === "number" ? { count: machines } : { share: readShare(machines) };
}

function readKey(by: string): RolloutKey {
  if (by === "session") return { source: "session" };
  const at = by.indexOf(":");
  const name = by.slice(at + 1);
  return by.startsWith("header:")
    ? { source: "header", name: name.toLowerCase() }
    : { source: "attribute", name };
}

function readBounds({ faults, closes, p99, shadowDiffs }: z.output<typeof abort>): RolloutBounds {
  return {
    ...(faults !== false && { faults: readBound(faults) }),
    ...(closes !== false && { closes: readBound(closes) }),
    ...(p99 !== false && { p99Ms: parseDuration(p99.slice(1)) ?? 0 }),
    ...(shadowDiffs !== false && { shadowDiffs: readShare(shadowDiffs) }),
  };
}

function readBound(text: string): ShareBound {
  const isOver = text.startsWith("+");
  return { share: readShare(isOver ? text.slice(1) : text), isOver };
}

/** `"5%"` → 0.05 */
export function readShare(text: string): number {
  return Number(SHARE.exec(text)?.[1]) / 100;
}
