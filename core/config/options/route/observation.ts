import { z } from "zod";
import { LOG_LEVELS, type LogLevel } from "../log-level.ts";
import { choice, flag, section } from "../schema-parts.ts";
import { size } from "../units.ts";

/** Where a payload can be looked at: as it came from a side, and as it leaves for the other. */
export type PayloadPoint = "fromClient" | "toServer" | "fromServer" | "toClient";

/** The same as the gateway reads it: plain JSON. */
export interface Observation {
  /** Undefined: as the listener has it. */
  readonly recording?: RecordingConfig;
  readonly routeLog: {
    readonly level: LogLevel;
    readonly access: boolean;
    readonly payloads: readonly PayloadPoint[];
    readonly payloadBytes: number;
  };
}

export type RecordingConfig =
  | { readonly sample: number; readonly payloadBytes: number; readonly capabilities: boolean }
  | false;

const recordingSchema = section(
  "RecordingInput",
  {
    sample: z
      .number({ error: "a number from 0 to 1" })
      .min(0, { error: "a number from 0 to 1" })
      .max(1, { error: "a number from 0 to 1" })
      .prefault(1)
      .describe("Which part of the sessions is recorded, from 0 to 1; each as a whole or not at all."),
    payload: size(0, "0").prefault("256B").describe("So much of each payload is kept; 0: none."),
    capabilities: flag()
      .prefault(false)
      .describe(
        "Whether what `kv`, `rates` and `fetch` answer the route's policies is kept too, for `framegate replay`: the newest 4 MiB in each worker. Nothing of policies that a route without it has as well.",
      ),
  },
  "true, false, or { sample, payload }",
);

export const recordingOption = z.union(
  [z.boolean({ error: "true, false, or { sample, payload }" }), recordingSchema],
  { error: "true, false, or { sample, payload }" },
);

export const observation = {
  recording: recordingOption
    .optional()
    .describe(
      "Whether upgrades, frames and closes are kept for the console, with plain requests: true, false, or how much of them. Default: as the listener says that they come by.",
    ),
  log: section(
    "RouteLogInput",
    {
      level: choice(LOG_LEVELS)
        .prefault("debug")
        .describe(
          "The least severe level that is logged of the route and its policies, if the `log.level` of the gateway lets it through.",
        ),
      access: flag()
        .prefault(true)
        .describe("Whether there is a line for each session's start and end and for each refused upgrade."),
      payloads: z
        .array(choice(["fromClient", "toServer", "fromServer", "toClient"]), {
          error: 'a list of points such as ["fromClient", "toClient"]',
        })
        .prefault([])
        .describe("Where payloads are logged, after redaction, at level info. Default: nowhere."),
      payloadSize: size(1, "1").prefault("1KiB").describe("So much of each payload is logged."),
    },
    "an object such as { access: false }",
  )
    .prefault({})
    .describe("What the log says of the route."),
};

type ParsedObservation = z.output<z.ZodObject<typeof observation>>;

export function resolveObservation(parsed: ParsedObservation): Observation {
  const { level, access, payloads, payloadSize } = parsed.log;
  return {
    ...(parsed.recording !== undefined && { recording: resolveRecording(parsed.recording) }),
    routeLog: { level, access, payloads, payloadBytes: payloadSize },
  };
}

export function resolveRecording(wanted: z.output<typeof recordingOption>): RecordingConfig {
  if (wanted === false) return false;
  const { sample, payload, capabilities } = wanted === true ? recordingSchema.parse({}) : wanted;
  return { sample, payloadBytes: payload, capabilities };
}
