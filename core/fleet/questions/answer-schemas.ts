/** What another node answers; the console reads some of it, too. One of a newer version may say more, which is left out. */
import { z } from "zod";

const count = z.number().min(0);
/** Letters of what a job is about; the rest is left out. */
export const MOST_SHOWN = 20_000;
/** Letters of what a job tells clients. */
export const MOST_MESSAGE = 60_000;
const bySide = z.object({ client: count, server: count }).describe("By who sent it.");

/** An open session, as people see it: what must not be shown has been hidden by the node that it is on. */
export const shownSessionSchema = z.object({
  id: z.string(),
  route: z.string(),
  path: z.string(),
  client: z.string(),
  server: z.string(),
  subprotocol: z.string(),
  extensions: z.string(),
  startedAt: z.number(),
  messages: bySide,
  bytes: bySide,
  bufferedBytes: bySide.describe("Waiting in the gateway for the other side."),
  held: count.default(0).describe("How many of its messages are held at a breakpoint."),
  isHoldable: z
    .boolean()
    .default(true)
    .describe("Its messages can be held: they are not compressed such that nobody can read one alone."),
  idleMs: z.number().describe("Since the last message."),
  attributes: z.record(z.string(), z.unknown()).describe("After redaction."),
});

export const pageSchema = z.object({
  sessions: z.array(shownSessionSchema).max(1000),
  total: count,
  left: count,
});

export const countSchema = z.object({ sessions: count });
export const wasDoneSchema = z.object({ done: z.boolean() });

export const outcomeSchema = z.object({
  outcome: z.enum(["renewed", "unchanged", "closed", "failed", "ended", "held", "no-hook"]).nullable(),
});

export const saidSchema = z.object({
  outcome: z.enum(["sent", "ended", "no-server", "busy", "too-large"]).nullable(),
});

const outcomesSchema = z.record(z.string().max(50), count);

export const progressSchema = z.object({
  done: count,
  left: count,
  pending: count,
  outcomes: outcomesSchema,
});

export const jobsSchema = z.object({
  jobs: z
    .array(
      z.object({
        id: z.string().max(100),
        what: z.string().max(1000),
        filter: z.string().max(MOST_SHOWN),
        which: z.string().max(MOST_SHOWN),
        perSecond: count,
        overMs: count,
        startedAt: z.number(),
        state: z.enum(["running", "done", "stopped"]),
        sessions: count,
        done: count,
        left: count,
        outcomes: outcomesSchema,
        unanswered: z.array(z.string().max(200)).max(2000),
      }),
    )
    .max(1000),
});

export type ShownSession = z.infer<typeof shownSessionSchema>;
export type ShownPage = z.infer<typeof pageSchema>;
export type ShownJob = z.infer<typeof jobsSchema>["jobs"][number];
