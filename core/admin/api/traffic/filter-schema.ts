import { z } from "zod";

export const filterHelpSchema = z.object({
  problem: z
    .object({
      at: z.number().describe("Index of the first character that is not as expected."),
      end: z.number(),
      message: z.string(),
    })
    .nullable()
    .describe("Why the filter cannot be read; null: it can."),
  marks: z
    .array(
      z.discriminatedUnion("type", [
        z.object({ type: z.literal("text"), text: z.string() }),
        z.object({ type: z.literal("pattern"), source: z.string(), flags: z.string() }),
      ]),
    )
    .describe(
      "What the filter looks for in texts, to show where it is: texts whatever their case, and patterns.",
    ),
  from: z.number().describe("The suggestions are in place of what stands from here"),
  to: z.number().describe("to here."),
  suggestions: z.array(z.object({ text: z.string(), says: z.string() })),
});

export type FilterHelp = z.infer<typeof filterHelpSchema>;
