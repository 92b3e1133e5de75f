import { z } from "zod";

/** What the admin API gives: a recording, and what is in it. */
export const exportedRecordingSchema = z.object({
  recording: z.string().describe("The file: lines of JSON."),
  sessions: z.number(),
  messages: z.number(),
  cutMessages: z.number().describe("Messages of which the route's `recording.payload` has kept a part only."),
  answers: z
    .number()
    .describe(
      "Of what `kv`, `rates` and `fetch` told policies, where the route has `recording.capabilities`.",
    ),
  lostAnswers: z.number().describe("Those that were too large, or too many to keep."),
  leftOut: z.number().describe("Sessions whose beginning is not kept any more, or that were too many."),
});

export type ExportedRecording = z.infer<typeof exportedRecordingSchema>;
