import { createRoute } from "@hono/zod-openapi";
import type { ListenerAddress } from "../../listen/listener-plan.ts";
import { isRecorded } from "../../traffic/recording-choice.ts";
import type { Guard, Visitor } from "../access/guard.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "./api.ts";
import {
  type Info,
  infoSchema,
  loggedInSchema,
  loginSchema,
  type Pulse,
  pulsesSchema,
} from "./api-schema.ts";

export interface InfoParts {
  readonly view: Pick<
    GatewayView,
    "node" | "state" | "config" | "jail" | "listeners" | "table" | "recordings"
  >;
  readonly needsLogin: boolean;
  readonly version: string;
  readonly startedAt: number;
}

export function addInfo(api: Api, parts: InfoParts, pulses: readonly Pulse[]): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/info",
      summary: "The gateway, and who asks",
      responses: answers(infoSchema, "What the console shows first."),
    }),
    (context) => context.json(describeInfo(parts, context.get("visitor")), 200),
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/pulses",
      summary: "The last ten minutes, second by second",
      responses: answers(pulsesSchema, "One pulse a second."),
    }),
    (context) => context.json({ pulses: [...pulses] }, 200),
  );
}

/** The one endpoint that nobody has to be known for. */
export function addLogin(api: Api, guard: Guard): void {
  api.openapi(
    createRoute({
      method: "post",
      path: "/login",
      summary: "Log in with a token",
      description: "For browsers: the answer sets a cookie. Programs send `Authorization: Bearer` instead.",
      request: { body: jsonBody(loginSchema) },
      responses: answers(loggedInSchema, "What the token is for."),
    }),
    (context) => {
      const { role, cookie } = guard.login(context.env.incoming, context.req.valid("json").token);
      context.header("Set-Cookie", cookie);
      return context.json({ role }, 200);
    },
  );
}

export function addLogout(api: Api, guard: Guard): void {
  api.openapi(
    createRoute({
      method: "post",
      path: "/logout",
      summary: "Log out",
      responses: answers(doneSchema, "The cookie is worth nothing any more; its live feeds are closed."),
    }),
    (context) => {
      context.header("Set-Cookie", guard.logout(context.env.incoming));
      return context.json({ done: true as const }, 200);
    },
  );
}

export function describeInfo(parts: InfoParts, { role }: Visitor): Info {
  const { view, needsLogin, version, startedAt } = parts;
  const config = view.config();
  return {
    name: "framegate",
    version,
    node: view.node,
    startedAt,
    state: view.state(),
    workers: config.workers,
    listeners: view.listeners().map(listenerUrl),
    policiesDir: config.policiesDir,
    role,
    needsLogin,
    sandbox: { os: view.jail()?.kind ?? "none", problem: view.jail()?.shortfall ?? "" },
    isRecording: (view.table()?.routes ?? []).some(({ config: route }) =>
      isRecorded(route, config.listen, view.recordings.list()),
    ),
  };
}

export function listenerUrl({ host, port, socket, tls }: ListenerAddress): string {
  if (socket !== undefined) return `${tls ? "wss" : "ws"}+unix:${socket}`;
  return `${tls ? "wss" : "ws"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
