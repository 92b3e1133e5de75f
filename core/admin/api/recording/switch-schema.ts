import { z } from "zod";

const share = z.number().min(0).max(1);

export const recordingWishSchema = z.strictObject({
  route: z
    .string()
    .min(1)
    .optional()
    .describe("Absent: all routes without a switch of their own, and what comes to no route."),
  sample: share.describe("Which part of the sessions, from 0 to 1; 0: recording is off."),
  payload: z
    .string()
    .default("1KiB")
    .describe("So much of each payload is kept, at most `1MiB`; `0B`: none."),
  records: z
    .int()
    .min(0)
    .max(100_000_000)
    .default(0)
    .describe("It ends when so many have been recorded, looked at once a second; 0: by time alone."),
  for: z.string().default("15m").describe("It ends so much later by itself, from `1s` to `7d`."),
});

export const recordingSwitchSchema = z.object({
  route: z.string().describe("Empty: all that have no switch of their own, and what comes to no route."),
  sample: share,
  payloadBytes: z.number(),
  maxRecords: z.number().describe("0: it goes by time alone."),
  records: z.number().describe("How many it has brought so far."),
  since: z.number().describe("Milliseconds since 1970."),
  until: z.number().describe("When it ends by itself; milliseconds since 1970."),
});

const recordedSchema = z.object({
  sample: share.describe("Which part of the sessions; 0: none."),
  payloadBytes: z.number(),
});

export const recordingSwitchesSchema = z.object({
  switches: z.array(recordingSwitchSchema).describe("What operators have switched, and holds now."),
  routes: z
    .array(
      z.object({
        route: z.string(),
        configured: recordedSchema.describe("What the config says: of several listeners the most."),
        now: recordedSchema,
      }),
    )
    .describe("In the order of the config."),
});

export const recordingQuerySchema = z.strictObject({
  route: z.string().min(1).optional().describe("Absent: the switch of all that have none of their own."),
});

export type RecordingSwitchView = z.infer<typeof recordingSwitchSchema>;
export type RecordingSwitchesView = z.infer<typeof recordingSwitchesSchema>;
export type RecordingWishInput = z.input<typeof recordingWishSchema>;
