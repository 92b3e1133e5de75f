import { randomBytes } from "node:crypto";
import type { CheckConfig } from "../config/options/upstream/upstream-config.ts";
import { dialThrough } from "./dial/proxy-tunnel.ts";
import { serverTarget } from "./dial/server-target.ts";
import type { Server } from "./server-choice.ts";
import type { Upstream } from "./upstream.ts";

/** Asks each server of the upstreams that have a `check`, at once and then at its interval. */
export interface HealthChecks {
  update(upstreams: readonly Upstream[]): void;
  close(): void;
}

interface Running {
  readonly check: string;
  stop(): void;
}

export function createHealthChecks(): HealthChecks {
  const running = new Map<Server, Running>();
  return {
    update(upstreams) {
      const wanted = new Set<Server>();
      for (const upstream of upstreams) {
        const { check } = upstream.config.health;
        for (const server of upstream.servers) {
          if (check === undefined) {
            // A server that was down by a check must not stay so when nobody checks any more.
            upstream.check(server, true, "it is not checked any more");
            continue;
          }
          wanted.add(server);
          const key = JSON.stringify(check);
          if (running.get(server)?.check === key) continue;
          running.get(server)?.stop();
          running.set(server, { check: key, stop: startChecks(upstream, server, check) });
        }
      }
      for (const server of [...running.keys()].filter((each) => !wanted.has(each))) stop(server);
    },
    close() {
      for (const server of [...running.keys()]) stop(server);
    },
  };

  function stop(server: Server): void {
    running.get(server)?.stop();
    running.delete(server);
  }
}

function startChecks(upstream: Upstream, server: Server, check: CheckConfig): () => void {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  void run();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };

  async function run(): Promise<void> {
    const problem = await probe(upstream, server, check, ended.signal);
    if (ended.signal.aborted) return;
    upstream.check(server, problem === undefined, problem ?? "its check is good");
    timer = setTimeout(run, check.intervalMs).unref();
  }
}

/** @returns what is wrong */
async function probe(
  upstream: Upstream,
  server: Server,
  check: CheckConfig,
  signal: AbortSignal,
): Promise<string | undefined> {
  const target = serverTarget(server.config, check.path, check.path);
  if (target === undefined) return `not a server URL: ${server.config.url}`;
  const fields =
    check.probe === "http"
      ? ["Connection: close"]
      : [
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        ];
  const request = [
    `GET ${target.path} HTTP/1.1`,
    `Host: ${target.authority}`,
    "User-Agent: framegate",
    ...fields,
    "",
    "",
  ].join("\r\n");
  try {
    const { socket, head } = await dialThrough(target, request, {
      connectTimeoutMs: check.timeoutMs,
      handshakeTimeoutMs: check.timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(check.timeoutMs)]),
      transport: upstream.transport,
    });
    socket.destroy();
    if (head.status === check.expect) return undefined;
    return `its check: expected ${check.expect} for ${target.url}, got ${head.status}`;
  } catch (error) {
    return `its check: ${(error as Error).message}`;
  }
}
