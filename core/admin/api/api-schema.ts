/** What the admin API takes and gives, below `/api/v1`. The console reads the same types; OpenAPI is made of the schemas. */
import { z } from "zod";
import { shownSessionSchema } from "../../fleet/questions/answer-schemas.ts";
import {
  recordNoteSchema,
  sessionFactsSchema,
  trafficFilterSchema,
  trafficRecordSchema,
} from "../../traffic/records.ts";
import { unansweredShape } from "./fleet/scope.ts";

const bySide = z.object({ client: z.number(), server: z.number() }).describe("By who sent it.");

export const roleSchema = z.enum(["admin", "reader"]).describe("A reader may look, and change nothing.");

export const infoSchema = z.object({
  name: z.literal("framegate"),
  version: z.string(),
  node: z.string().describe("Its name among those of the fleet; empty: it is in none."),
  startedAt: z.number().describe("Milliseconds since 1970."),
  state: z.enum(["starting", "ready", "stopping"]),
  workers: z.number(),
  listeners: z.array(z.string()).describe("ws:// and wss:// URLs."),
  policiesDir: z.string(),
  role: roleSchema,
  needsLogin: z.boolean().describe("Whether a token is set."),
  sandbox: z.object({
    os: z
      .enum(["bubblewrap", "setpriv", "none"])
      .describe("What the operating system walls sandbox hosts in with."),
    problem: z.string().describe("What it lacks, and the next step; else empty."),
  }),
  isRecording: z.boolean().describe("Whether one route or more is recorded."),
});

export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().describe("What was expected, what was got, and the next step."),
  }),
});

export const sessionSchema = shownSessionSchema.extend({
  node: z.string().describe("Of the fleet, that it is on; empty where there is no fleet."),
});

export const routeViewSchema = z.object({
  name: z.string(),
  path: z.string(),
  host: z.string().describe("The virtual host that it is for; empty for any."),
  upstream: z.string(),
  policies: z.array(z.string()),
  isEnabled: z.boolean(),
  source: z.string().describe("`config`, or the policy that brought the route."),
  isRecorded: z.boolean(),
  sessions: z.number(),
  messages: bySide,
  bytes: bySide,
});

export const policyVersionSchema = z.object({
  version: z.string(),
  loadedAt: z.number(),
  isCurrent: z.boolean(),
  isPinned: z
    .boolean()
    .describe("An operator rolled back to it: newer files wait until the next change or reload."),
});

const messageFilterSchema = z.object({
  opcode: z.enum(["text", "binary"]).optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  includes: z.string().optional(),
  startsWith: z.string().optional(),
  json: z
    .record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).readonly())
    .readonly()
    .optional(),
  body: z.literal(false).optional().describe("The hook is called without the bodies of its messages."),
});

export const policyHookSchema = z.object({
  hook: z.enum(["upgrade", "unavailable", "client", "server", "tick", "renew", "close"]),
  calls: z.number(),
  unchanged: z.number(),
  replaced: z.number(),
  dropped: z.number(),
  replied: z.number(),
  appended: z.number(),
  closed: z.number(),
  rejected: z.number(),
  faults: z.number(),
  skipped: z.number().describe("Messages that `when` is not for; they are no calls."),
  when: messageFilterSchema
    .nullable()
    .describe("Which messages the hook is for, as the policy's `when` says; null: all."),
  everyMs: z
    .number()
    .nullable()
    .describe("Of `tick`: its interval, as the policy's `when` says; null: it has none."),
  meanUs: z.number().describe("Mean time in the isolate, microseconds; 0 before the first call."),
});

export const policySchema = z.object({
  name: z.string(),
  file: z.string(),
  version: z.string().describe("The one that runs; empty when none ever loaded."),
  state: z
    .enum(["running", "rolled-back", "stale", "gone", "failed", "unused"])
    .describe(
      "`rolled-back`: an operator chose an earlier version, which runs; `stale`: an older version runs because the newest file has a problem; `gone`: its file is gone, and a route names it; `failed`: none ever loaded.",
    ),
  breaker: z.enum(["closed", "open", "half-open"]),
  isolation: z
    .enum(["worker", "shared", "pack", "own"])
    .describe(
      "Where the config has it: in the worker itself, in the host process that many share, or in that of its pack or its own.",
    ),
  quarantine: z
    .object({ reason: z.enum(["hang", "crash", "memory", "nonsense"]), until: z.number() })
    .nullable()
    .describe("Its version has cost its sandbox host, and runs in one of its own until then."),
  problem: z
    .object({
      message: z.string(),
      frame: z.string().describe("The author's lines, or empty."),
      time: z.number(),
    })
    .nullable(),
  lastFault: z
    .object({
      hook: z.string(),
      reason: z.string(),
      message: z.string(),
      stack: z.string(),
      session: z.string(),
      time: z.number(),
    })
    .nullable(),
  recentFaults: z.number().describe("Faults of the version that runs, in the last five minutes."),
  routes: z.array(z.string()),
  hooks: z.array(policyHookSchema),
  memoryBytes: z.number().describe("Heap of its isolates, over all workers; 0 when not known."),
  versions: z.array(policyVersionSchema).describe("Newest first."),
});

export const policySourceSchema = z.object({
  version: z.string(),
  files: z.array(z.object({ path: z.string(), content: z.string() })),
});

const percentilesSchema = z.object({ p50: z.number(), p99: z.number() }).nullable();

/** One second of the gateway, for the overview. */
export const pulseSchema = z.object({
  time: z.number(),
  sessions: z.number(),
  upgrades: z
    .object({
      accepted: z.number(),
      refused: z.number().describe("By a policy, or for what the client asked."),
      failed: z.number().describe("By the gateway or the server, for no fault of the client's."),
    })
    .describe("In this second."),
  messages: bySide,
  bytes: bySide,
  faults: z.number(),
  closes: z.number(),
  upgradeMs: percentilesSchema.describe(
    "How long accepted upgrades took, of the last ten seconds; null: there was none.",
  ),
  latencyMs: percentilesSchema.describe(
    "How long messages were in the gateway, of the last ten seconds; null: none was timed. One read in sixteen is, in buckets that double.",
  ),
  policyMs: z.number().describe("Mean time that policies added to a message; 0 without any."),
  eventLoopMs: z.number().describe("p99 of the event loop's delay, the worst worker's."),
  bufferedBytes: z.number(),
  held: z.number().describe("Messages that operators hold at breakpoints."),
  recorded: z.number(),
  dropped: z.number().describe("Records lost in this second."),
});

const knownSessionsSchema = z
  .record(z.string(), sessionFactsSchema)
  .describe("What is known of the sessions of these records, by their ids.");

/** Client to server on the WebSocket `/api/v1/live`. */
export const liveRequestSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("traffic"),
    id: z.number().describe("The subscriber's own number; a new one replaces the filter."),
    filter: trafficFilterSchema,
    after: z.number().optional().describe("Start behind this `seq`; absent: with what comes next."),
  }),
  z.object({ type: z.literal("stop"), id: z.number() }),
]);

/** Server to client on `/api/v1/live`. */
export const liveMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    info: infoSchema,
    pulses: z.array(pulseSchema).describe("Of the last minutes."),
  }),
  z.object({ type: z.literal("pulse"), pulse: pulseSchema }),
  z.object({
    type: z.literal("traffic"),
    id: z.number(),
    records: z.array(trafficRecordSchema),
    sessions: knownSessionsSchema,
    skipped: z
      .number()
      .describe("Matching records not sent because there were too many at once; page for them."),
  }),
  recordNoteSchema.extend({
    type: z.literal("noted"),
    seq: z.number().describe("Of the record that has this mark and note now."),
  }),
  z.object({
    type: z.literal("changed"),
    what: z.enum(["routes", "policies"]).describe("Ask again."),
  }),
]);

/** The test client, on the WebSocket `/api/v1/test-client`: the gateway dials one of its own listeners. */
export const testClientRequestSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("connect"),
    listener: z.string().describe("One of `info.listeners`."),
    path: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    subprotocols: z.array(z.string()),
  }),
  z.object({ type: z.literal("send"), encoding: z.enum(["text", "base64"]), data: z.string() }),
  z.object({ type: z.literal("ping") }),
  z.object({ type: z.literal("close"), code: z.number(), reason: z.string() }),
]);

export const testClientMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("open"),
    session: z.string().describe("The gateway's id of the session; empty when not known."),
    subprotocol: z.string(),
    extensions: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
  }),
  z.object({
    type: z.literal("refused"),
    status: z.number(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    body: z.string(),
  }),
  z.object({
    type: z.literal("message"),
    time: z.number(),
    encoding: z.enum(["text", "base64"]),
    data: z.string(),
  }),
  z.object({ type: z.literal("pong"), time: z.number() }),
  z.object({ type: z.literal("closed"), code: z.number(), reason: z.string() }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);

/** What the lists give, and what changes take. */
export const sessionsPageSchema = z.object({
  sessions: z.array(sessionSchema).describe("Newest first."),
  total: z.number().describe("How many fit the filters; more than are listed where there are many."),
  next: z
    .string()
    .nullable()
    .describe(
      "`before` of the page that follows; null: this is the last. As long as there is one a page may be shorter than `limit`.",
    ),
  ...unansweredShape,
});
export const closeRequestSchema = z.object({
  code: z
    .int()
    .default(1001)
    .describe("1000, 1001, 1008, 1011, 1012, 1013, or 3000 to 4999 for the application's own."),
  reason: z.string().default("").describe("At most 123 bytes of UTF-8; both sides get it."),
});
export const routesSchema = z.object({ routes: z.array(routeViewSchema) });
export const routeChangeSchema = z.object({ enabled: z.boolean() });
export const policiesSchema = z.object({
  policies: z.array(policySchema),
  problem: z.string().describe("What is wrong with the folder itself; else empty."),
});
export const rollbackSchema = z.object({
  version: z.string().optional().describe("Absent: the one before the version that runs."),
});
export const trafficPageSchema = z.object({
  records: z.array(trafficRecordSchema).describe("Newest first; with `after` oldest first."),
  hasMore: z.boolean().describe("Whether there are more in that direction."),
  sessions: knownSessionsSchema,
  sorted: z
    .object({
      compared: z.number().describe("How many fit, and were compared."),
      isWhole: z.boolean().describe("Those were all; else the newest."),
    })
    .optional()
    .describe("With `sort` only."),
});
export const trafficStatsSchema = z.object({
  records: z.number(),
  bytes: z.number(),
  oldestTime: z.number().describe("Milliseconds since 1970; 0 when nothing is kept."),
  newestSeq: z.number(),
  dropped: z.number().describe("Records that could not be handed over or kept."),
  problem: z.string().describe("Why nothing can be kept at the moment; else empty."),
});
export const pulsesSchema = z.object({ pulses: z.array(pulseSchema).describe("Oldest first.") });
export const loginSchema = z.object({ token: z.string() });
export const loggedInSchema = z.object({ role: roleSchema });

export type TrafficPageView = z.infer<typeof trafficPageSchema>;
export type Role = z.infer<typeof roleSchema>;
export type Info = z.infer<typeof infoSchema>;
export type SessionView = z.infer<typeof sessionSchema>;
export type SessionsPage = z.infer<typeof sessionsPageSchema>;
export type RouteView = z.infer<typeof routeViewSchema>;
export type PolicyView = z.infer<typeof policySchema>;
export type PolicyHookView = z.infer<typeof policyHookSchema>;
export type PolicySourceView = z.infer<typeof policySourceSchema>;
export type Pulse = z.infer<typeof pulseSchema>;
export type LiveRequest = z.infer<typeof liveRequestSchema>;
export type LiveMessage = z.infer<typeof liveMessageSchema>;
export type TestClientRequest = z.infer<typeof testClientRequestSchema>;
export type TestClientMessage = z.infer<typeof testClientMessageSchema>;
