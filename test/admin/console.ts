import { request } from "node:http";
import type { ExecutionContext } from "ava";
import { openAdmin } from "../../core/admin/admin.ts";
import type { GatewayView } from "../../core/admin/gateway-view.ts";
import type { StaticFiles } from "../../core/admin/page/static-files.ts";
import { BreakpointBook } from "../../core/breakpoints/breakpoint-book.ts";
import { resolveConfig } from "../../core/config/index.ts";
import { createNodeDesk } from "../../core/fleet/desk/node-desk.ts";
import { createNodeHoldDesk } from "../../core/fleet/desk/node-hold-desk.ts";
import { type ConfigInput, createLogger } from "../../core/index.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { DrainSchedule } from "../../core/steering/drain-schedule.ts";
import { SteeringJobs } from "../../core/steering/steering-jobs.ts";
import type { TrafficStore } from "../../core/traffic/store/store.ts";
import { createRecordingSwitches } from "../../core/traffic/switches/recording-switches.ts";
import { createArrayStore } from "../support/array-store.ts";

export const adminToken = "an-admin-token-of-tests";
export const readerToken = "a-reader-token-of-tests";
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const json = { "content-type": "application/json" };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects in it, it compares
  readonly json: any;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Asks as any program could, with whatever Host and Origin; fetch would not. */
export function ask(port: number, path: string, asking: Asking = {}): Promise<Answer> {
  const { body, method = body === undefined ? "GET" : "POST" } = asking;
  const headers = { ...(body !== undefined && json), ...asking.headers };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, path, method, headers, agent: false },
      async (response) => {
        let text = "";
        for await (const chunk of response) text += String(chunk);
        const isJson = response.headers["content-type"]?.startsWith("application/json");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson && text !== "" ? JSON.parse(text) : undefined,
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
}

/** A console of a gateway that does nothing. */
export async function startConsole(
  t: ExecutionContext,
  traffic: TrafficStore = createArrayStore(),
  console: Exclude<ConfigInput["console"], false> = {},
  files?: StaticFiles,
) {
  const config = resolveConfig({ console: { port: 0, token: false, ...console }, workers: 0 }, { dir: "." });
  if (config.console === false) throw new Error("no console");
  const rules = compileRedaction(USUAL_REDACTION);
  const steering = new SteeringJobs(() => []);
  const logger = createLogger({ level: "error" });
  const view: GatewayView = {
    node: "",
    state: () => "ready",
    config: () => config,
    listeners: () => [{ host: "127.0.0.1", port: 1, tls: false }],
    table: () => undefined,
    policies: () => ({ policies: [] }),
    quarantine: () => [],
    jail: () => ({ kind: "bubblewrap" }),
    switchRoute: async () => {},
    drained: () => ({ routes: [], servers: [] }),
    drain: async () => {},
    drainSchedule: new DrainSchedule(),
    reloadPolicies: async () => {},
    rollBack: async () => false,
    shadows: () => [],
    source: undefined,
    rollouts: {
      views: () => [],
      ended: () => [],
      tell: async () => "impossible",
      overview: async () => undefined,
    },
    workers: {
      traffic: async () => [],
      pulses: async () => [],
      policyStats: async () => [],
      capabilityAnswers: async () => ({ answers: [], lost: 0 }),
      shadows: async () => [],
    },
    steering,
    holds: () =>
      createNodeHoldDesk({
        book: new BreakpointBook(async () => {}),
        workers: {
          held: async () => ({ messages: [], passed: { full: 0, large: 0, unread: 0 }, unreadable: 0 }),
          decideHeld: async () => ({ outcome: "gone" }),
          releaseHeld: async () => 0,
        },
        ...{ rules, node: "" },
      }),
    desk: () =>
      createNodeDesk({
        workers: {
          sessions: async () => ({ sessions: [], total: 0, left: 0 }),
          countSessions: async () => 0,
          closeSession: async () => false,
          say: async () => undefined,
          renewSessions: async () => [],
        },
        ...{ steering, rules, node: "" },
      }),
    fleet: () => undefined,
    fleetProblem: () => undefined,
    sinks: () => [],
    certificates: () => [],
    recordings: createRecordingSwitches({ logger, replan: async () => {}, counts: async () => [] }),
    metrics: async () => ({ text: "", contentType: "text/plain" }),
  };
  const admin = await openAdmin({
    config: config.console,
    view,
    traffic,
    rules,
    logger,
    version: "1.2.3",
    ...(files && { files }),
  });
  t.teardown(() => admin.close());
  const { port } = await admin.listen();
  return { admin, port, url: `ws://127.0.0.1:${port}` };
}
