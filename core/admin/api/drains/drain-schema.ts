import { z } from "zod";
import { unansweredShape } from "../fleet/scope.ts";
import { closeShape, dryRunField, paceShape } from "../steering-schema.ts";

const shape = { ...paceShape, dryRun: dryRunField };

/** @param meanwhile who hears of it while it waits for its time */
function delayField(meanwhile: string) {
  return z
    .string()
    .optional()
    .describe(
      `It begins so much later, such as \`30s\`: until then connections are still taken, ${meanwhile}and it can be ended. Absent: at once.`,
    );
}

export const drainGatewaySchema = z.strictObject({
  ...shape,
  delay: delayField("`/readyz` says 503, "),
  code: closeShape.code.default(1001),
  reason: closeShape.reason.default("gateway is draining"),
});

export const drainRouteSchema = z.strictObject({
  ...shape,
  delay: delayField("`/readyz?route=NAME` says 503, "),
  code: closeShape.code.default(1001),
  reason: closeShape.reason.default("route is draining"),
});

export const drainUpstreamSchema = z.strictObject({
  ...shape,
  delay: delayField(""),
  target: z
    .string()
    .optional()
    .describe("The URL of one of its servers, as the config has it. Absent: all of them."),
  code: closeShape.code.default(1012),
  reason: closeShape.reason.default("server is draining"),
});

const serverShape = {
  upstream: z.string(),
  target: z.string().describe("Empty: all of the upstream's."),
};

const placeShape = {
  kind: z.enum(["gateway", "route", "upstream"]),
  name: z.string().describe("Of the route or the upstream; empty: the gateway."),
  target: z.string().describe("Of an upstream's server; else empty."),
};

export const drainsSchema = z.object({
  gateway: z.boolean().describe("No route takes connections."),
  routes: z.array(z.string()),
  servers: z.array(z.object(serverShape)),
  closing: z
    .array(
      z.object({
        ...placeShape,
        state: z.enum(["running", "done", "stopped"]),
        sessions: z.number().describe("Those that it began with."),
        done: z.number(),
        left: z.number(),
      }),
    )
    .describe("How far the closing of their sessions is, as long as it is known."),
  waiting: z
    .array(
      z.object({
        ...placeShape,
        at: z.number().describe("When it begins, milliseconds since 1970."),
      }),
    )
    .describe("Those that begin later, the next one first."),
});

export const upstreamViewsSchema = z.object({
  upstreams: z.array(
    z.object({
      name: z.string(),
      sessions: z.number().describe("Open ones."),
      servers: z.array(z.object({ url: z.string(), sessions: z.number() })),
    }),
  ),
  ...unansweredShape,
});

export type DrainsView = z.infer<typeof drainsSchema>;
export type UpstreamViews = z.infer<typeof upstreamViewsSchema>;
