import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { Logger } from "../../log.ts";
import { TrafficError } from "../../traffic/errors.ts";
import type { Visitor } from "../access/guard.ts";
import { AdminError } from "../errors.ts";
import { errorSchema } from "./api-schema.ts";

export type Api = OpenAPIHono<{ Bindings: HttpBindings; Variables: { visitor: Visitor } }>;
/** An application that answers what is wrong with a request in the API's form. */
export function createApi(logger: Logger): Api {
  const api: Api = new OpenAPIHono({
    defaultHook(result) {
      if (!result.success)
        throw new AdminError("ERR_REQUEST", describeIssues(result.error.issues, result.target));
    },
  });
  api.onError((error, context) => answerError(error, context, logger));
  return api;
}

export function answerError(error: Error, context: Context, logger: Logger): Response {
  const known = asAdminError(error);
  if (known.code === "ERR_INTERNAL")
    logger.error({ path: context.req.path }, `console: ${error.stack ?? error.message}`);
  return context.json(known.toBody(), known.status, { ...known.headers, "Cache-Control": "no-store" });
}

function asAdminError(error: Error): AdminError {
  if (error instanceof AdminError) return error;
  if (error instanceof HTTPException) {
    return new AdminError(error.status === 413 ? "ERR_TOO_LARGE" : "ERR_REQUEST", error.message);
  }
  if (
    error instanceof TrafficError &&
    (error.code === "ERR_TRAFFIC_SHARED" || error.code === "ERR_TRAFFIC_NOTES")
  )
    return new AdminError("ERR_CONFLICT", error.message);
  if (error instanceof TrafficError && error.code === "ERR_TRAFFIC_PATTERN")
    return new AdminError("ERR_REQUEST", error.message);
  if (
    error instanceof TrafficError &&
    (error.code === "ERR_TRAFFIC_READ" || error.code === "ERR_TRAFFIC_WRITE")
  )
    return new AdminError("ERR_UNAVAILABLE", error.message);
  return new AdminError("ERR_INTERNAL", "the gateway could not answer this; its log has the details");
}

/** The answers of an endpoint, for createRoute. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return {
    200: { description, content: { "application/json": { schema } } },
    "4XX": { description: "Why not.", content: { "application/json": { schema: errorSchema } } },
  };
}

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The name of something, in a path: percent-encoded, slashes too. */
export function nameParam(what: string) {
  return z.object({ name: z.string().describe(`The ${what}'s name, percent-encoded.`) });
}

export const doneSchema = z.object({ done: z.literal(true) });

function describeIssues(issues: readonly z.core.$ZodIssue[], where: string): string {
  return issues
    .map(({ path, message }) => `${path.length === 0 ? where : `${where}: ${path.join(".")}`}: ${message}`)
    .join("; ");
}
