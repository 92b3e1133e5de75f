/**
 * Stands in for a gateway before the console: the admin API over real HTTP and WebSockets, with generated data and as
 * much of it as a test wants. By hand: `node test/support/console-stand-in.ts 9400`.
 */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import type { Info, LiveMessage, LiveRequest, Pulse } from "../../core/admin/api/api-schema.ts";
import type { FleetView } from "../../core/admin/api/fleet/fleet-schema.ts";
import { listProblems } from "../../core/admin/api/problems/list-problems.ts";
import type { SourceAnswer } from "../../core/admin/api/source-schema.ts";
import { findPage } from "../../core/admin/page/page-build.ts";
import type { TrafficFilter, TrafficRecord } from "../../core/traffic/records.ts";
import { createBreakpoints } from "./stand-in/breakpoints.ts";
import { makeDrains, makeJobs, makeUpstreams } from "./stand-in/drains.ts";
import { explain } from "./stand-in/explain.ts";
import { makeFleet } from "./stand-in/fleet.ts";
import {
  makeEndedRollouts,
  makePolicies,
  makeRollouts,
  makeRoutes,
  makeSessions,
  makeShadows,
  policySource,
} from "./stand-in/inventory.ts";
import { createRecordings } from "./stand-in/recordings.ts";
import { createDraw, makeMessage, makeRecord } from "./stand-in/records.ts";
import { createSearch, helpWithFilter } from "./stand-in/search.ts";
import { actAsTestClient } from "./stand-in/test-client.ts";
import { makeTrial } from "./stand-in/trial.ts";

export interface StandInOptions {
  readonly port?: number;
  /** Recorded before anybody looks. */
  readonly records?: number;
  readonly rowsPerSecond?: number;
  /** Asked for at the door; whoever shows `reader-<token>` is a reader. */
  readonly token?: string;
  /** Default: true. */
  readonly isRecording?: boolean;
  /** Default: four machines, of which some are not well. */
  readonly fleet?: FleetView;
}

export interface StandIn {
  readonly url: string;
  /** Records one more message, and tells who listens. */
  record(change?: (record: TrafficRecord) => TrafficRecord): TrafficRecord;
  /** Records so many at once, more than the live feed sends in one go. */
  burst(count: number): void;
  /** Bodies of what changed something: method, path, body. */
  readonly changes: readonly (readonly [string, string, unknown])[];
  close(): Promise<void>;
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const tickMs = 100;
const mostInPush = 200;

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { port = 0, records: count = 2000, rowsPerSecond = 0, token, isRecording = true } = options;
  const folder = await findFolder();
  const draw = createDraw();
  // Apart, for pulses come by time, and what is recorded is not to depend on that.
  const drawPulse = createDraw();
  const started = Date.now();
  const stepMs = rowsPerSecond === 0 ? 40 : 1000 / rowsPerSecond;
  const records: TrafficRecord[] = Array.from({ length: count }, (_, index) =>
    makeRecord(draw, index + 1, started - (count - index) * stepMs),
  );
  const search = createSearch(records);
  const changes: (readonly [string, string, unknown])[] = [];
  const routes = makeRoutes();
  const recordings = createRecordings(isRecording);
  const drains = makeDrains(started);
  const policies = makePolicies(started);
  const breakpoints = createBreakpoints(started);
  const pulses: Pulse[] = Array.from({ length: 180 }, (_, index) =>
    makePulse(started - (180 - index) * 1000),
  );
  const sockets = new Map<WebSocket, Map<number, TrafficFilter>>();

  const info = (role: Info["role"]): Info => ({
    name: "framegate",
    version: "0.1.0",
    node: "gate-1",
    startedAt: started - 5_400_000,
    state: "ready",
    workers: 2,
    listeners: ["ws://127.0.0.1:8080", "wss://gateway.example.com:8443"],
    policiesDir: "policies",
    role,
    needsLogin: token !== undefined,
    sandbox: { os: "bubblewrap", problem: "" },
    isRecording,
  });

  function makePulse(time: number): Pulse {
    const wave = 1 + 0.4 * Math.sin(time / 21_000) + 0.25 * Math.sin(time / 5300) + drawPulse() * 0.15;
    const client = Math.round((rowsPerSecond || 220) * 0.4 * wave);
    return {
      time,
      sessions: Math.round(140 + 30 * wave),
      upgrades: {
        accepted: Math.round(3 * wave),
        refused: drawPulse() < 0.2 ? 2 : 0,
        failed: drawPulse() < 0.06 ? 1 : 0,
      },
      messages: { client, server: Math.round(client * 1.6) },
      bytes: { client: client * 118, server: client * 160 },
      faults: drawPulse() < 0.08 ? 1 : 0,
      closes: Math.round(2 * wave),
      upgradeMs: { p50: 4 + drawPulse(), p99: 11 + drawPulse() * 3 },
      latencyMs: { p50: 0.2 + 0.05 * wave, p99: 0.9 + 0.3 * wave + drawPulse() * 0.3 },
      policyMs: 0.1 + 0.03 * wave + drawPulse() * 0.02,
      eventLoopMs: 1.2 + drawPulse(),
      bufferedBytes: drawPulse() < 0.05 ? 48_000 : 0,
      held: breakpoints.view.held.length ?? 0,
      recorded: client * 2,
      dropped: 0,
    };
  }

  function problemsNow() {
    const { isLost, problem } = options.fleet ?? makeFleet(started);
    return listProblems({
      ...{ policies, folder: "", routes: [], source: makeSource(started).problem, traffic: "", sandbox: "" },
      ...{ isReadElsewhere: false, sinks: [], certificates: [], now: Date.now() },
      fleet: problem === "" ? undefined : { kind: isLost ? "lost" : "name", message: problem },
    });
  }

  function roleOf({ headers }: IncomingMessage): Info["role"] | undefined {
    if (token === undefined) return "admin";
    const shown = /framegate_token=([^;]*)/.exec(headers.cookie ?? "")?.[1];
    return shown === token ? "admin" : shown === `reader-${token}` ? "reader" : undefined;
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) =>
      answer(response, 500, fault("ERR_INTERNAL", error.message)),
    );
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://stand-in");
    if (!url.pathname.startsWith("/api/v1")) return serveFile(url.pathname, response);
    const path = url.pathname.slice("/api/v1".length);
    const body = request.method === "GET" ? undefined : JSON.parse((await readBody(request)) || "{}");
    if (path === "/login") {
      if (body.token !== token && body.token !== `reader-${token}`)
        return answer(response, 401, fault("ERR_LOGIN", "this is not a token of this console"));
      response.setHeader("Set-Cookie", `framegate_token=${body.token}; HttpOnly; Path=/`);
      return answer(response, 200, { done: true });
    }
    const role = roleOf(request);
    if (role === undefined) return answer(response, 401, fault("ERR_LOGIN", "log in first"));
    if (request.method !== "GET") changes.push([request.method ?? "", path, body]);
    const [, place = "", name = "", action, part] = path.split("/").map(decodeURIComponent);
    switch (
      `${request.method} ${place}${name === "" ? "" : "/:"}${action === undefined ? "" : `/${action}`}`
    ) {
      case "GET info":
        return answer(response, 200, info(role));
      case "GET sessions": {
        const { route, client, attribute } = Object.fromEntries(url.searchParams) as Record<
          string,
          string | undefined
        >;
        const found = makeSessions(started).filter(
          (session) =>
            (route === undefined || session.route === route) &&
            (client === undefined || session.client.startsWith(client)) &&
            (attribute === undefined ||
              attribute.split(":")[1] === session.attributes[attribute.split(":")[0]!]),
        );
        return answer(response, 200, {
          ...{ sessions: url.searchParams.has("before") ? [] : found, total: found.length, next: null },
          unanswered: Array.from({ length: 12 }, (_, index) => ({
            node: `gate-${index + 4}`,
            reason: "silent",
          })),
        });
      }
      case "GET sessions/:": {
        const found = makeSessions(started).find(({ id }) => id === name);
        return found === undefined
          ? answer(response, 404, fault("ERR_NOT_FOUND", `no session "${name}" is open`))
          : answer(response, 200, found);
      }
      case "GET sessions/:/explain": {
        const explained = explain(records, name, part);
        return explained === undefined
          ? answer(response, 404, fault("ERR_NOT_FOUND", `nothing is recorded of session "${name}"`))
          : answer(response, 200, explained);
      }
      case "GET breakpoints":
        return answer(response, 200, breakpoints.view);
      case "POST breakpoints":
        return answer(response, 200, breakpoints.set(body));
      case "DELETE breakpoints/:":
        breakpoints.remove(name);
        return answer(response, 200, { done: true });
      case "GET held/:": {
        const held = breakpoints.find(name);
        return held === undefined
          ? answer(response, 404, fault("ERR_NOT_FOUND", `no message "${name}" is held`))
          : answer(response, 200, held);
      }
      case "POST held/:/release":
      case "POST held/:/drop":
        breakpoints.letGo(name);
        return answer(response, 200, { done: true });
      case "POST held/:":
        breakpoints.letGo(undefined);
        return answer(response, 200, { messages: 2, unanswered: [] });
      case "GET steering":
        return answer(response, 200, { jobs: makeJobs(started), unanswered: [] });
      case "GET fleet":
        return answer(response, 200, options.fleet ?? makeFleet(started));
      case "GET drains":
        return answer(response, 200, drains);
      case "GET upstreams":
        return answer(response, 200, { upstreams: makeUpstreams(), unanswered: [] });
      case "POST drain":
      case "POST upstreams/:/drain":
        return answer(response, 200, { sessions: 24, which: "all", job: null, unanswered: [] });
      case "POST routes/:/drain":
        if (body.dryRun)
          return answer(response, 200, { sessions: 24, which: "all", job: null, unanswered: [] });
        drains.routes.push(name);
        return answer(response, 200, { sessions: 24, which: "all", job: null, unanswered: [] });
      case "DELETE routes/:/drain":
        drains.routes = drains.routes.filter((route) => route !== name);
        return answer(response, 200, drains);
      case "GET rollouts":
        return answer(response, 200, { rollouts: makeRollouts(started), ended: makeEndedRollouts(started) });
      case "GET source":
        return answer(response, 200, { source: makeSource(started) });
      case "GET shadows":
        return answer(response, 200, {
          shadows: makeShadows(started).filter(({ policy }) => policy === url.searchParams.get("policy")),
        });
      case "GET routes":
        return answer(response, 200, { routes });
      case "PATCH routes/:": {
        const index = routes.findIndex((route) => route.name === name);
        routes[index] = { ...routes[index]!, isEnabled: body.enabled };
        broadcast({ type: "changed", what: "routes" });
        return answer(response, 200, routes[index]);
      }
      case "GET problems":
        return answer(response, 200, { problems: problemsNow() });
      case "GET recording-switches":
        return answer(response, 200, recordings.describe(routes));
      case "PUT recording-switches":
        recordings.set(body);
        broadcast({ type: "changed", what: "routes" });
        return answer(response, 200, recordings.describe(routes));
      case "DELETE recording-switches":
        recordings.end(url.searchParams.get("route") ?? "");
        broadcast({ type: "changed", what: "routes" });
        return answer(response, 200, recordings.describe(routes));
      case "POST policies/:/run":
        return answer(response, 200, makeTrial(name));
      case "GET policies":
        return answer(response, 200, { policies, problem: "" });
      case "GET policies/:/source":
        return answer(response, 200, {
          version: url.searchParams.get("version") ?? "",
          files: [
            {
              path: `policies/${name}.ts`,
              // An older version had a lower limit.
              content: /^(b81d|07aa)/.test(url.searchParams.get("version") ?? "")
                ? policySource.replace("= 500", "= 400")
                : policySource,
            },
            {
              path: "policies/limits.ts",
              content:
                "export const isTooMuch = (order: { amount: number }, limit: number) => order.amount > limit;\n",
            },
          ],
        });
      case "GET files":
        return answer(response, 200, { files: [] });
      case "PUT traffic/:/note": {
        const index = records.findIndex(({ seq }) => seq === Number(name));
        const { marked: _, note: __, ...record } = records[index]!;
        records[index] = {
          ...record,
          ...(body.marked && { marked: true }),
          ...(body.note && { note: body.note }),
        };
        broadcast({ type: "noted", seq: record.seq, marked: body.marked, note: body.note });
        return answer(response, 200, records[index]);
      }
      case "GET traffic/:":
        if (name === "stats")
          return answer(response, 200, {
            records: records.length,
            bytes: records.length * 900,
            oldestTime: records[0]?.time ?? 0,
            newestSeq: records.at(-1)?.seq ?? 0,
            dropped: 0,
            problem: "",
          });
        if (name === "filter") {
          const filter = url.searchParams.get("filter") ?? "";
          return answer(
            response,
            200,
            helpWithFilter(filter, Number(url.searchParams.get("at") ?? filter.length)),
          );
        }
        return records[Number(name) - 1] === undefined
          ? answer(response, 404, fault("ERR_NOT_FOUND", `no record ${name} is kept`))
          : answer(response, 200, records[Number(name) - 1]);
      case "GET traffic":
        return answer(response, 200, await search.find(url.searchParams));
      default:
        return request.method === "GET"
          ? answer(response, 404, fault("ERR_NOT_FOUND", path))
          : answer(response, 200, { done: true });
    }
  }

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    const file = extname(path) === "" ? "index.html" : path;
    const content = await readFile(join(folder, file)).catch(() => undefined);
    response
      .writeHead(content === undefined ? 404 : 200, {
        "Content-Type": types[extname(file)] ?? "text/plain",
        "Content-Security-Policy": policy,
      })
      .end(content ?? "not found\n");
  }

  const upgrades = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const role = roleOf(request);
    if (role === undefined) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (peer) => {
      if (request.url?.endsWith("/test-client")) return actAsTestClient(peer);
      const filters = new Map<number, TrafficFilter>();
      sockets.set(peer, filters);
      peer.on("close", () => sockets.delete(peer));
      peer.on("message", (data) => {
        const asked = JSON.parse(String(data)) as LiveRequest;
        if (asked.type === "stop") {
          filters.delete(asked.id);
          return;
        }
        filters.set(asked.id, asked.filter);
        const missed = search.fitting(records.slice(asked.after ?? records.length), asked.filter);
        if (missed.length > 0)
          say(peer, {
            type: "traffic",
            id: asked.id,
            records: missed.slice(0, 500),
            sessions: search.sessionsOf(missed.slice(0, 500)),
            skipped: Math.max(0, missed.length - 500),
          });
      });
      say(peer, { type: "hello", info: info(role), pulses });
    });
  });

  function broadcast(message: LiveMessage): void {
    for (const peer of sockets.keys()) say(peer, message);
  }

  function tell(fresh: readonly TrafficRecord[]): void {
    for (const [peer, filters] of sockets) {
      for (const [id, filter] of filters) {
        const wanted = search.fitting(fresh, filter);
        const told = wanted.slice(0, mostInPush);
        const skipped = Math.max(0, wanted.length - mostInPush);
        if (wanted.length > 0)
          say(peer, { type: "traffic", id, records: told, sessions: search.sessionsOf(told), skipped });
      }
    }
  }

  const pulse = setInterval(() => {
    const next = makePulse(Date.now());
    pulses.push(next);
    pulses.shift();
    broadcast({ type: "pulse", pulse: next });
  }, 1000);
  const traffic = setInterval(() => {
    const fresh = Array.from({ length: Math.round((rowsPerSecond * tickMs) / 1000) }, (_, index) =>
      makeRecord(draw, records.length + 1 + index, Date.now()),
    );
    records.push(...fresh);
    tell(fresh);
  }, tickMs);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changes,
    record(change = (record) => record) {
      const record = change(makeMessage(draw, records.length + 1, Date.now()));
      records.push(record);
      tell([record]);
      return record;
    },
    burst(count) {
      const next = records.length + 1;
      const fresh = Array.from({ length: count }, (_, index) => makeRecord(draw, next + index, Date.now()));
      records.push(...fresh);
      tell(fresh);
    },
    async close() {
      clearInterval(pulse);
      clearInterval(traffic);
      for (const peer of upgrades.clients) peer.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Of the page as a gateway serves it. */
async function findFolder(): Promise<string> {
  const folder = await findPage();
  if (folder === undefined) throw new Error("the console has neither a page nor sources to make it of");
  return folder;
}

function say(peer: WebSocket, message: LiveMessage): void {
  peer.send(JSON.stringify(message));
}

function fault(code: string, message: string): object {
  return { error: { code, message } };
}

function makeSource(started: number) {
  const version = {
    digest: `sha256:${"4f".repeat(32)}`,
    revision: `sha256:${"9b1c".repeat(16)}`,
    origin: "oci://registry.example.com/team/policies:stable",
    ...{ madeOf: "", fetchedAt: started, activatedAt: started, signedBy: "0f4be7a1c2d3e4f5" },
  };
  const problem = { kind: "refused" as const, message: 'it is not signed, and `source.require` is "signed"' };
  return {
    ...{ origin: version.origin, phase: "idle", failures: 0, seenAt: started, problem },
    ...{ active: version, offered: null, versions: [version] },
  } satisfies SourceAnswer["source"];
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" })
    .end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port = "9400", records = "100000", rowsPerSecond = "0", token] = process.argv.slice(2);
  const { url } = await startStandIn({
    port: Number(port),
    records: Number(records),
    rowsPerSecond: Number(rowsPerSecond),
    ...(token === undefined ? {} : { token }),
  });
  process.stdout.write(`${url}\n`);
}
