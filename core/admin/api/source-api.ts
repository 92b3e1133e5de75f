import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../log.ts";
import type { SourceReport } from "../../source/source.ts";
import type { VersionNote } from "../../source/version.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "./api.ts";
import { sourceAnswerSchema } from "./source-schema.ts";

export interface SourceParts {
  readonly view: Pick<GatewayView, "source">;
  readonly logger: Logger;
}

/** Where policies come from, and what operators say of it. */
export function addSource(api: Api, { view, logger }: SourceParts): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/source",
      summary: "Where policies come from",
      responses: answers(sourceAnswerSchema, "Its versions, and what is wrong."),
    }),
    (context) =>
      context.json({ source: view.source === undefined ? null : describe(view.source.view()) }, 200),
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/source/look",
      summary: "Look whether there is another version",
      description: "At once, also at one that was refused.",
      responses: answers(doneSchema, "It has been asked for: `GET /source` says what comes of it."),
    }),
    (context) => {
      requireSource().look(true);
      return context.json({ done: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/source/activate",
      summary: "Run a version that is offered, or kept",
      description: "It stays until the source has another.",
      request: { body: jsonBody(z.strictObject({ digest: z.string() })) },
      responses: answers(doneSchema, "It has been asked for: `GET /source` says when it runs."),
    }),
    (context) => {
      const { digest } = context.req.valid("json");
      logger.info({ digest }, "source: an operator says activate");
      if (!requireSource().activate(digest)) {
        throw new AdminError("ERR_NOT_FOUND", `there is no version ${digest}; GET /source lists them`);
      }
      return context.json({ done: true as const }, 200);
    },
  );

  function requireSource(): NonNullable<GatewayView["source"]> {
    if (view.source !== undefined) return view.source;
    throw new AdminError(
      "ERR_CONFLICT",
      "this gateway has no source: its policies are a folder of its machine",
    );
  }
}

function describe({ active, offered, versions, seenAt = 0, problem, ...rest }: SourceReport) {
  return {
    ...{ ...rest, seenAt, problem: problem ? { kind: problem.kind, message: problem.message } : null },
    active: active === undefined ? null : describeVersion(active),
    offered: offered === undefined ? null : describeVersion(offered),
    versions: versions.map(describeVersion),
  };
}

function describeVersion(version: VersionNote) {
  const { digest, revision, madeOf = "", origin, fetchedAt, activatedAt = 0, signature } = version;
  return { digest, revision, madeOf, origin, fetchedAt, activatedAt, signedBy: signature?.keyId ?? "" };
}
