import { z } from "zod";

/** Which sessions are meant, in a query and in a body alike: all that is given must hold. */
export const sessionFilterShape = {
  session: z.string().optional().describe("The session's id: this one alone."),
  route: z.string().optional().describe("The route's name."),
  client: z
    .string()
    .optional()
    .describe(
      "The client's address, with its port or not; the first groups of it, `10.1`; or a network, `10.0.0.0/8`.",
    ),
  attribute: z
    .union([z.string(), z.array(z.string()).readonly()])
    .optional()
    .describe(
      "`name=value` or `name:value`: an attribute has this value; `name` alone: it is there. Several: all of them.",
    ),
  policy: z
    .string()
    .optional()
    .describe("A policy of the session, or `name@version`: how the version begins that it is at."),
  subprotocol: z.string().optional().describe("What was agreed on."),
  older: z.string().optional().describe("Opened so long ago, or longer, such as `5m`."),
  younger: z.string().optional().describe("Opened less long ago, such as `30s`."),
  upstream: z.string().optional().describe("The name of the upstream that its server is of."),
  target: z.string().optional().describe("With `upstream`: the URL of the server, as the config has it."),
};

export const sessionFilterSchema = z.strictObject(sessionFilterShape);

export type SessionFilterInput = z.infer<typeof sessionFilterSchema>;
