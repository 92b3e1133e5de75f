import { z } from "zod";
import type { Unanswered } from "../../../fleet/questions/unanswered.ts";

/** Who is asked, for a query. */
export const scopeShape = {
  scope: z
    .enum(["fleet", "node"])
    .default("fleet")
    .describe(
      "`fleet`: all gateways that share the `cluster`; `node`: this one alone. Without a `cluster` both are this one.",
    ),
};

export const scopeSchema = z.strictObject(scopeShape);

export type AskedScope = z.infer<typeof scopeSchema>["scope"];

export const unansweredShape = {
  unanswered: z
    .array(
      z.object({
        node: z.string(),
        reason: z
          .enum(["silent", "version", "failed"])
          .describe(
            "`silent`: it did not answer in time; `version`: it is of a version that does not understand this.",
          ),
      }),
    )
    .describe("Nodes of the fleet that did not answer: what is said holds for the others."),
};

/** What is added to a message that something is not there; "" when all have been heard. */
export function wordUnanswered(unanswered: readonly Unanswered[]): string {
  if (unanswered.length === 0) return "";
  return `; not heard, so it may be there: ${unanswered.map(({ node }) => node).join(", ")}`;
}
