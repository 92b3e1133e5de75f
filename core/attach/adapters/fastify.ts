import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AttachedGateway } from "../attached-gateway.ts";

/** What of a Fastify instance is used. */
export interface FastifyApp {
  readonly server: Server;
  addHook(
    name: "onRequest",
    hook: (request: { raw: IncomingMessage }, reply: FastifyReply, done: () => void) => void,
  ): unknown;
  addHook(name: "preClose", hook: (done: () => void) => void): unknown;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

export interface FastifyGatewayOptions {
  readonly gateway: AttachedGateway;
}

/**
 * A plugin for Fastify: upgrades and plain requests on routes of the gateway are the gateway's, all others the app's. When the
 * app is closed the gateway stops first, for a server waits for its connections.
 */
export function fastifyGateway(
  app: FastifyApp,
  { gateway }: FastifyGatewayOptions,
  done: (error?: Error) => void,
): void {
  try {
    gateway.attach(app.server);
  } catch (error) {
    return done(error as Error);
  }
  app.addHook("onRequest", (request, reply, next) => {
    if (gateway.handle(request.raw, reply.raw)) reply.hijack();
    else next();
  });
  app.addHook("preClose", (next) => {
    gateway.stop().then(next, next);
  });
  done();
}

// By this Fastify knows that the hooks are for the whole app, and not only for what the plugin brings.
Object.defineProperty(fastifyGateway, Symbol.for("skip-override"), { value: true });
Object.defineProperty(fastifyGateway, Symbol.for("fastify.display-name"), { value: "framegate" });
