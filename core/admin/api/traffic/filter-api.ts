import { createRoute, z } from "@hono/zod-openapi";
import { completeFilter, type LiveValues } from "../../../traffic/filter/complete.ts";
import type { FilterError } from "../../../traffic/filter/filter-error.ts";
import { marksOf } from "../../../traffic/filter/marks.ts";
import { parseFilter } from "../../../traffic/filter/parse-filter.ts";
import { type Api, answers } from "../api.ts";
import { type FilterHelp, filterHelpSchema } from "./filter-schema.ts";

export function addFilterHelp(api: Api, liveValues: () => Promise<LiveValues>): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/traffic/filter",
      summary: "Help with writing a filter",
      request: {
        query: z.strictObject({
          filter: z.string().max(10_000).default("").describe("As it is written so far."),
          at: z.coerce
            .number()
            .int()
            .min(0)
            .optional()
            .describe("Where somebody writes; absent: at its end."),
        }),
      },
      responses: answers(filterHelpSchema, "What may stand there, and what is wrong with it."),
    }),
    async (context) => {
      const { filter, at = filter.length } = context.req.valid("query");
      const completion = completeFilter(filter, at, await liveValues());
      const suggestions = completion.suggestions.map((each) => ({ ...each }));
      return context.json({ ...readingOf(filter), ...completion, suggestions }, 200);
    },
  );
}

function readingOf(filter: string): Pick<FilterHelp, "problem" | "marks"> {
  try {
    const tree = parseFilter(filter);
    return { problem: null, marks: tree === undefined ? [] : marksOf(tree).map((mark) => ({ ...mark })) };
  } catch (error) {
    const { at, end, message } = error as FilterError;
    return { problem: { at, end, message }, marks: [] };
  }
}
