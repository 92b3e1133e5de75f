import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { EmitEvent } from "../events.ts";
import type { HeaderFields } from "../net/headers.ts";
import { runUpgradeHooks, type UpgradeDecision } from "../request/ask-policies.ts";
import { type Exchange, requestIdField } from "../request/exchange.ts";
import { isOriginAllowed } from "../request/origin.ts";
import { type Refusal, refusalStatus } from "../request/refusal.ts";
import { describeRequest } from "../request/request-context.ts";
import type { Sender } from "../request/sender.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import type { Found } from "../routes/router.ts";
import { UpstreamError } from "../upstream/dial/errors.ts";
import { createKeptConnections } from "../upstream/dial/kept-connections.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { corsFields } from "./cors.ts";
import { openRequest, passOn, readAnswer } from "./plain-request.ts";

export interface HttpProxyOptions {
  readonly upstreams: Upstreams;
  readonly sandbox: Sandbox;
  readonly emit: EmitEvent;
  newId(): string;
  isStopping(): boolean;
}

export interface HttpProxy {
  carry(found: Found<RouteRuntime>, request: IncomingMessage, sender: Sender, response: ServerResponse): void;
  /** Ends connections to servers that no request uses. */
  close(): void;
}

/**
 * Plain HTTP through a route: origins ─▶ `upgrade` hooks ─▶ server ─▶ answer, bodies streamed both ways. The hooks run
 * as for an upgrade: what a policy keeps out must not come in by leaving out a header.
 */
export function createHttpProxy(options: HttpProxyOptions): HttpProxy {
  const kept = createKeptConnections();
  const parts = { upstreams: options.upstreams, kept };

  return {
    carry(found, request, sender, response) {
      const startedAt = performance.now();
      const runtime = found.route;
      const { config } = runtime;
      const id = options.newId();
      const context = describeRequest(request, sender, runtime.path, found.params);
      const exchange: Exchange = { id, request, context, sender };
      const idField = requestIdField(config, id, request.headers);
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      response.on("error", ignore);

      answer().catch((cause: unknown) => {
        const code = cause instanceof UpstreamError ? cause.code : "ERR_INTERNAL";
        const headers: HeaderFields = code === "ERR_UPSTREAM_BUSY" ? [["Retry-After", "1"]] : [];
        refuse({ code, detail: cause instanceof Error ? cause.message : String(cause), headers });
      });

      async function answer(): Promise<void> {
        const decided = await decide(runtime, exchange);
        if ("refusal" in decided) return refuse(decided.refusal);
        const { decision } = decided;
        const { opened, release } = await openRequest(exchange, config, decision, parts, gone.signal);
        const { upstream, way } = opened;
        whenClosed(response, () => {
          upstream.destroy();
          release();
        });
        const answered = await readAnswer(opened, request, config.httpTimeoutMs, gone.signal);
        const status = passOn(answered, exchange, config, decision, response);
        whenClosed(response, () =>
          options.emit({
            type: "request-proxied",
            ...described(),
            status,
            complete: response.writableFinished,
            server: way.target.url,
            durationMs: elapsed(),
          }),
        );
      }

      function refuse(refusal: Refusal): void {
        const status = refusal.status ?? refusalStatus[refusal.code];
        const { code, detail } = refusal;
        const outcome = { status, code, detail, durationMs: elapsed() };
        options.emit({ type: "request-refused", ...described(), ...outcome });
        if (response.headersSent) return void response.destroy();
        const body = refusal.body ?? {
          bytes: `${status} ${STATUS_CODES[status] ?? ""}\nid: ${id}\n`,
          contentType: "text/plain; charset=utf-8",
        };
        const fields: HeaderFields = [
          ...(refusal.headers ?? []),
          ...(body.contentType === undefined ? [] : [["Content-Type", body.contentType] as const]),
          ...(idField === undefined ? [] : [idField]),
          ...(corsFields(config, request, sender) ?? []),
          // What is left of the request's body is not read.
          ["Connection", "close"],
        ];
        response.writeHead(status, fields.flat()).end(body.bytes);
      }

      function described() {
        const { method, path } = context.request;
        const client = `${sender.address}:${sender.port}`;
        const ids = idField === undefined ? { id } : { id, requestId: idField[1] };
        return { ...ids, route: runtime.name, method, path, client };
      }

      function elapsed(): number {
        return Math.round(performance.now() - startedAt);
      }
    },
    close: () => kept.close(),
  };

  async function decide(
    runtime: RouteRuntime,
    exchange: Exchange,
  ): Promise<{ decision: UpgradeDecision } | { refusal: Refusal }> {
    if (options.isStopping()) return { refusal: { code: "ERR_STOPPING", detail: "the gateway is stopping" } };
    const { origin } = exchange.request.headers;
    if (!isOriginAllowed(origin, exchange.sender, runtime.config.origins)) {
      const detail = `the origin ${origin ?? "(none)"} is not in the route's origins`;
      return { refusal: { code: "ERR_ORIGIN", detail } };
    }
    return runUpgradeHooks(options.sandbox, runtime, exchange.id, exchange.context);
  }
}

/** At the end of the answer, or when the client has gone; at once when that was before. */
function whenClosed(response: ServerResponse, callback: () => void): void {
  if (response.closed) callback();
  else response.once("close", callback);
}

function ignore(): void {}
