import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { request as httpsRequest, Agent as SecureAgent } from "node:https";
import { type BlockList, isIP } from "node:net";
import { pipeline } from "node:stream";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { RouteConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import type { RouteRuntime } from "../route-runtime.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { resolveTarget, type Target } from "../upstream/target.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { corsFields } from "./cors.ts";
import { type Exchange, requestFieldsOf, requestIdField, responseFieldsOf } from "./exchange.ts";
import { changeHeaders, type HeaderFields, readRawHeaders } from "./headers.ts";
import { isOriginAllowed } from "./origin.ts";
import { type Refusal, refusalStatus } from "./refusal.ts";
import { describeRequest } from "./request-context.ts";
import type { Found } from "./router.ts";
import { readSender } from "./sender.ts";
import { runUpgradeHooks, type UpgradeDecision } from "./upgrade-hooks.ts";

export interface HttpProxyOptions {
  readonly upstreams: Pick<Upstreams, "allowList">;
  readonly sandbox: Sandbox;
  readonly emit: EmitEvent;
  newId(): string;
  readonly trusted: BlockList | undefined;
  isStopping(): boolean;
}

export interface HttpProxy {
  carry(found: Found<RouteRuntime>, request: IncomingMessage, response: ServerResponse): void;
  /** Ends connections to servers that no request uses. */
  close(): void;
}

/**
 * Plain HTTP through a route: origins ─▶ `upgrade` hooks ─▶ server ─▶ answer, bodies streamed both ways. The hooks run
 * as for an upgrade: what a policy keeps out must not come in by leaving out a header.
 */
export function createHttpProxy(options: HttpProxyOptions): HttpProxy {
  const agents = { plain: new Agent({ keepAlive: true }), secure: new SecureAgent({ keepAlive: true }) };

  return {
    carry(found, request, response) {
      const startedAt = performance.now();
      const runtime = found.route;
      const { config } = runtime;
      const id = options.newId();
      const sender = readSender(request, request.socket, options.trusted);
      const context = describeRequest(request, sender, runtime.path, found.params);
      const exchange: Exchange = { id, request, context, sender };
      let isGone = false;
      response.once("close", () => {
        isGone = true;
      });
      response.on("error", ignore);

      decide(runtime, exchange)
        .then((decided) => {
          if ("refusal" in decided) return refuse(decided.refusal);
          // The client has gone meanwhile: nobody waits for an answer.
          if (isGone) return undefined;
          const { decision, target } = decided;
          const upstream = openRequest(exchange, config, decision, target, agents);
          response.once("close", () => upstream.destroy());
          return readAnswer(upstream, request, config, target, () => isGone).then((answer) =>
            passOn(answer, exchange, config, decision, response),
          );
        })
        .catch((cause: unknown) => {
          const code = cause instanceof UpstreamError ? cause.code : "ERR_INTERNAL";
          refuse({ code, detail: cause instanceof Error ? cause.message : String(cause) });
        });

      function refuse(refusal: Refusal): void {
        const status = refusal.status ?? refusalStatus[refusal.code];
        const { code, detail } = refusal;
        const durationMs = Math.round(performance.now() - startedAt);
        const client = `${sender.address}:${sender.port}`;
        const { path } = context.request;
        options.emit({
          type: "upgrade-refused",
          id,
          route: runtime.name,
          path,
          status,
          code,
          detail,
          client,
          durationMs,
        });
        if (response.headersSent) return void response.destroy();
        const idField = requestIdField(config, id, request.headers);
        const body = refusal.body ?? {
          bytes: `${status} ${STATUS_CODES[status] ?? ""}\nid: ${id}\n`,
          contentType: "text/plain; charset=utf-8",
        };
        const fields: HeaderFields = [
          ...(refusal.headers ?? []),
          ...(body.contentType === undefined ? [] : [["Content-Type", body.contentType] as const]),
          ...(idField === undefined ? [] : [idField]),
          ...(corsFields(config, request) ?? []),
          // What is left of the request's body is not read.
          ["Connection", "close"],
        ];
        response.writeHead(status, fields.flat()).end(body.bytes);
      }
    },
    close() {
      agents.plain.destroy();
      agents.secure.destroy();
    },
  };

  async function decide(
    runtime: RouteRuntime,
    exchange: Exchange,
  ): Promise<{ decision: UpgradeDecision; target: Target } | { refusal: Refusal }> {
    if (options.isStopping()) return { refusal: { code: "ERR_STOPPING", detail: "the gateway is stopping" } };
    const { origin } = exchange.request.headers;
    if (!isOriginAllowed(origin, exchange.sender.host, runtime.config.origins)) {
      return {
        refusal: {
          code: "ERR_ORIGIN",
          detail: `the origin ${origin ?? "(none)"} is not in the route's origins`,
        },
      };
    }
    const decided = await runUpgradeHooks(options.sandbox, runtime, exchange.id, exchange.context);
    if ("refusal" in decided) return decided;
    const { connect } = decided.decision;
    if (
      connect !== undefined &&
      !options.upstreams.allowList.isAllowed(connect, runtime.config.connectAllow)
    ) {
      return {
        refusal: { code: "ERR_UPSTREAM_NOT_ALLOWED", detail: `\`connect.allow\` has nothing for ${connect}` },
      };
    }
    const url = connect ?? runtime.config.upstream;
    // The config lets a route proxy plain HTTP only where its upstream is a URL.
    const target = typeof url === "string" ? resolveTarget(url, exchange.context.request.url) : undefined;
    if (target === undefined)
      return { refusal: { code: "ERR_UPSTREAM_UNREACHABLE", detail: `not a server URL: ${String(url)}` } };
    return { decision: decided.decision, target };
  }
}

function openRequest(
  exchange: Exchange,
  config: RouteConfig,
  decision: UpgradeDecision,
  target: Target,
  agents: { readonly plain: Agent; readonly secure: SecureAgent },
): ClientRequest {
  const { request } = exchange;
  const fields = changeHeaders(
    [...requestFieldsOf(exchange, config, target, "http", ["expect"]), ...bodyFields(request)],
    decision.headers,
  );
  const options = {
    host: target.host,
    port: target.port,
    path: target.path,
    method: request.method ?? "GET",
    headers: fields.flat(),
    setDefaultHeaders: false,
  };
  return target.tls
    ? httpsRequest({
        ...options,
        agent: agents.secure,
        // An address is no server name (RFC 6066 section 3).
        servername: isIP(target.host) === 0 ? target.host : "",
      })
    : httpRequest({ ...options, agent: agents.plain });
}

/** Sends the request's body and waits for the head of the answer. Rejects with an UpstreamError. */
function readAnswer(
  upstream: ClientRequest,
  request: IncomingMessage,
  config: RouteConfig,
  target: Target,
  isGone: () => boolean,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    upstream.once("socket", (socket) => {
      if (!socket.connecting) return;
      startTimer(config.connectTimeoutMs, "ERR_UPSTREAM_CONNECT_TIMEOUT", "connection");
      socket.once("connect", () => clearTimeout(timer));
    });
    // Counted from the end of the body: an upload takes as long as it takes.
    upstream.once("finish", () => {
      clearTimeout(timer);
      startTimer(config.httpTimeoutMs, "ERR_UPSTREAM_HANDSHAKE_TIMEOUT", "answer");
    });
    upstream.once("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    upstream.on("error", (cause) => {
      clearTimeout(timer);
      if (cause instanceof UpstreamError) return reject(cause);
      const code = isGone() ? "ERR_UPSTREAM_ABORTED" : "ERR_UPSTREAM_UNREACHABLE";
      reject(new UpstreamError(code, `${target.url}: ${cause.message}`, { cause }));
    });
    upstream.once("close", () => {
      clearTimeout(timer);
      reject(new UpstreamError("ERR_UPSTREAM_ABORTED", `${target.url}: the request was given up`));
    });
    // The server may answer before the first byte of a body has come.
    if (bodyFields(request).length > 0) upstream.flushHeaders();
    pipeline(request, upstream, ignore);

    function startTimer(
      ms: number,
      code: "ERR_UPSTREAM_CONNECT_TIMEOUT" | "ERR_UPSTREAM_HANDSHAKE_TIMEOUT",
      what: string,
    ): void {
      if (ms === 0) return;
      timer = setTimeout(
        () => upstream.destroy(new UpstreamError(code, `${target.url}: no ${what} within ${ms} ms`)),
        ms,
      );
    }
  });
}

function passOn(
  answer: IncomingMessage,
  exchange: Exchange,
  config: RouteConfig,
  decision: UpgradeDecision,
  response: ServerResponse,
): void {
  const cors = corsFields(config, exchange.request);
  const answered = readRawHeaders(answer.rawHeaders).filter(
    ([name]) => cors === undefined || !/^access-control-/i.test(name),
  );
  const fields = [...responseFieldsOf(exchange, config, answered), ...(cors ?? [])];
  const length = answer.headers["content-length"];
  const framed: HeaderFields = length === undefined ? fields : [...fields, ["Content-Length", length]];
  response.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage ?? "",
    changeHeaders(framed, decision.responseHeaders).flat(),
  );
  // What a server sends a line at a time must not wait for the first line to be known.
  response.flushHeaders();
  pipeline(answer, response, ignore);
}

/** How the body goes on: with the length that the client gave, or in chunks. */
function bodyFields({ headers }: IncomingMessage): HeaderFields {
  if (headers["transfer-encoding"] !== undefined) return [["Transfer-Encoding", "chunked"]];
  const length = headers["content-length"];
  return length === undefined ? [] : [["Content-Length", length]];
}

function ignore(): void {}
