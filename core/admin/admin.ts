import type { IncomingMessage } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { LARGEST_HELD_BYTES } from "../breakpoints/breakpoint.ts";
import { type Address, type ConsoleConfig, explainClosedConsole } from "../config/index.ts";
import type { GatewayEvent } from "../events.ts";
import type { Logger } from "../log.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { TrafficStore } from "../traffic/store/store.ts";
import { createGuard } from "./access/guard.ts";
import { addSourceHook } from "./access/source-hook.ts";
import { readTokens } from "./access/tokens.ts";
import { type Api, answerError, createApi } from "./api/api.ts";
import {
  liveMessageSchema,
  liveRequestSchema,
  testClientMessageSchema,
  testClientRequestSchema,
} from "./api/api-schema.ts";
import { addBreakpoints } from "./api/breakpoints/breakpoints-api.ts";
import { addHeldMessages } from "./api/breakpoints/held-api.ts";
import { addDrains } from "./api/drains/drains-api.ts";
import { addExplain } from "./api/explain-api.ts";
import { addFiles, FILES_PATH, MOST_OPENED_BYTES } from "./api/files/files-api.ts";
import { addFleet } from "./api/fleet/fleet-api.ts";
import { addInfo, addLogin, addLogout, describeInfo } from "./api/info-api.ts";
import { createLastFaults } from "./api/last-faults.ts";
import { addPolicies } from "./api/policies-api.ts";
import { addProblems } from "./api/problems/problems-api.ts";
import { addRecording } from "./api/recording/recording-api.ts";
import { addRecordingSwitches } from "./api/recording/switches-api.ts";
import { addRollouts } from "./api/rollouts-api.ts";
import { addRoutes } from "./api/routes-api.ts";
import { addSessionMessages } from "./api/sessions/session-messages-api.ts";
import { addSessionRenewal } from "./api/sessions/session-renewal-api.ts";
import { addSessions } from "./api/sessions/sessions-api.ts";
import { addShadowReports } from "./api/shadows-api.ts";
import { addSource } from "./api/source-api.ts";
import { addSteering } from "./api/steering-api.ts";
import { addRecordNotes } from "./api/traffic/notes-api.ts";
import { addTraffic } from "./api/traffic/traffic-api.ts";
import { addTrials } from "./api/trials/trials-api.ts";
import { AdminError } from "./errors.ts";
import type { GatewayView } from "./gateway-view.ts";
import { addPages, addProbes, securityHeaders } from "./page/pages.ts";
import { createStaticFiles, type StaticFiles } from "./page/static-files.ts";
import { readinessOf } from "./readiness.ts";
import { createConsoleServer, listen } from "./server.ts";
import { createLiveFeed } from "./sockets/live-feed.ts";
import { createPulseMeter } from "./sockets/pulse-meter.ts";
import { serveTestClient } from "./sockets/test-client.ts";
import { createUpgrades } from "./sockets/upgrades.ts";

/** The operator's side: health, metrics, the admin API and the console's page. */
export interface Admin {
  /** Rejects with the system's error when the address cannot be had. */
  listen(): Promise<Address>;
  observe(event: GatewayEvent): void;
  /** Tell the pages that there is something to ask for again. */
  changed(what: "routes" | "policies"): void;
  close(): void;
}

export interface AdminOptions {
  readonly config: ConsoleConfig;
  readonly view: GatewayView;
  readonly traffic: TrafficStore;
  /** What is hidden in what workers tell; the traffic's records are redacted already. */
  readonly rules: RedactionRules;
  readonly logger: Logger;
  /** Of Framegate. */
  readonly version: string;
  /** Default: the console's page, made when it is missing. */
  readonly files?: StaticFiles;
}

const LARGEST_BODY = 64 * 1024;
/** With a message as large as those that are held, in JSON: a control character is six there. */
const LARGEST_MESSAGE_BODY = 6 * LARGEST_HELD_BYTES + LARGEST_BODY;
const MESSAGE_PATH = /^\/api\/v1\/(?:held\/[^/]+\/release|sessions\/[^/]+\/messages|policies\/[^/]+\/run)$/;

/** Rejects with a ConfigError when a token cannot be read, with a GatewayError when a certificate cannot be used. */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const { config, view, traffic, rules, logger, version } = options;
  const tokens = await readTokens(config, view.config().file);
  const closed = explainClosedConsole(config);
  if (closed !== undefined) logger.warn(closed);
  const server = await createConsoleServer(config);
  let { port } = config;
  const guard = createGuard({ config, tokens, port: () => port, logger });
  const pulses = createPulseMeter({ ...view.workers, trafficStats: () => traffic.stats() });
  const live = createLiveFeed(traffic, pulses);
  const faults = createLastFaults(rules);
  const needsLogin = guard.needsLogin;
  const info = { view, needsLogin, version, startedAt: Date.now() };

  const api = createApi(logger);
  api.use(async (context, next) => {
    const { method, path } = context.req;
    if (path !== "/api/v1/login") {
      const isChange = !["GET", "HEAD"].includes(method) && path !== "/api/v1/logout";
      context.set("visitor", guard.admit(context.env.incoming, isChange));
    }
    await next();
  });
  addLogin(api, guard);
  addInfo(api, info, pulses.pulses);
  addLogout(api, guard);
  addSessions(api, view, rules, logger);
  addSessionMessages(api, view, logger);
  addBreakpoints(api, view, logger);
  addHeldMessages(api, view, logger);
  addSessionRenewal(api, view, logger);
  addExplain(api, { view, traffic, rules });
  addSteering(api, view, rules, logger);
  addDrains(api, view, logger);
  addFleet(api, view);
  addRoutes(api, view, rules, logger);
  addPolicies(api, { view, lastFaults: faults, logger });
  addProblems(api, { view, traffic, lastFaults: faults });
  addTrials(api, { view, traffic, rules, logger });
  addRollouts(api, { view, logger });
  addShadowReports(api, { view, rules });
  addSource(api, { view, logger });
  addTraffic(api, { traffic, view, version, logger });
  addRecordNotes(api, { traffic, logger, onNote: live.noted });
  const closeFiles = addFiles(api, {
    subjects: () => view.config().traffic.subjects,
    logger,
    addReading(reading, records) {
      addTraffic(reading, { traffic: records, view, version, logger });
      addExplain(reading, { view, traffic: records, rules });
    },
  });
  addRecording(api, { traffic, view, rules, version });
  addRecordingSwitches(api, view, logger);
  describeSockets(api);
  api.get("/openapi.json", (context) => context.json(describeApi(api, version)));

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) context.header(name, value);
    if (context.req.path.startsWith("/api/")) context.header("Cache-Control", "no-store");
  });
  for (const path of ["/api/*", "/hooks/*"])
    app.use(path, (context, next) => {
      checkLength(context.env.incoming);
      return next();
    });
  addSourceHook(app, {
    secret: () => view.source?.hookSecret(),
    look: () => view.source?.look(),
  });
  addProbes(app, guard, {
    readiness: (route) => readinessOf(view, route),
    metrics: view.metrics,
  });
  app.route("/api/v1", api);
  app.all("/api/*", () => {
    throw new AdminError("ERR_NOT_FOUND", "no such endpoint; GET /api/v1/openapi.json lists them");
  });
  addPages(app, guard, options.files ?? createStaticFiles());
  app.all("*", (context) => context.text("method not allowed\n", 405, { Allow: "GET, HEAD" }));
  app.onError((error, context) => answerError(error, context, logger));

  server.on(
    "upgrade",
    createUpgrades(guard, {
      "/api/v1/live": {
        isChange: false,
        accept: (socket, visitor) => live.accept(socket, describeInfo(info, visitor)),
      },
      "/api/v1/test-client": { isChange: true, accept: (socket) => serveTestClient(socket, view) },
    }),
  );

  return {
    async listen() {
      const address = await listen(
        server,
        config,
        // The checks of some load balancers are HTTP/1.0 and name no host. Who asks for more than health must.
        getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: "localhost" }),
      );
      ({ port } = address);
      return address;
    },
    observe(event) {
      pulses.observe(event);
      faults.observe(event);
    },
    changed: live.changed,
    close() {
      pulses.close();
      live.close();
      closeFiles();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** By what the head says: a body that says nothing could be of any length. */
function checkLength({ headers, method, url = "" }: IncomingMessage): void {
  const [path = ""] = url.split("?", 1);
  const isFile = method === "POST" && path === `/api/v1${FILES_PATH}`;
  const mostOfOthers = MESSAGE_PATH.test(path) ? LARGEST_MESSAGE_BODY : LARGEST_BODY;
  const most = isFile ? MOST_OPENED_BYTES : mostOfOthers;
  if (headers["transfer-encoding"] !== undefined) {
    throw new AdminError("ERR_REQUEST", "expected a body with a Content-Length, got one in chunks");
  }
  if (Number(headers["content-length"] ?? 0) > most) {
    throw new AdminError("ERR_TOO_LARGE", `expected a body of at most ${most} bytes`);
  }
}

function describeApi(api: Api, version: string): object {
  return api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Framegate admin API", version },
    servers: [{ url: "/api/v1" }],
  });
}

/** What OpenAPI has no words for: messages are in the schemas. */
function describeSockets(api: Api): void {
  const sockets = [
    ["/live", "The live feed", liveRequestSchema, liveMessageSchema],
    ["/test-client", "A client of the gateway, for tests", testClientRequestSchema, testClientMessageSchema],
  ] as const;
  for (const [path, summary, request, message] of sockets) {
    api.get(path, () => {
      throw new AdminError("ERR_REQUEST", "this is a WebSocket: expected an upgrade");
    });
    const description =
      "A WebSocket. The schemas are those of its messages: the body's what it takes, the answer's what it gives.";
    api.openAPIRegistry.registerPath({
      method: "get",
      path,
      summary,
      description,
      request: { body: { content: { "application/json": { schema: request } } } },
      responses: {
        101: { description: "Each message.", content: { "application/json": { schema: message } } },
      },
    });
  }
}
