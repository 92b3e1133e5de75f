import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { subprotocol } from "ws";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { EmitEvent } from "../events.ts";
import type { RouteRuntime } from "../route-runtime.ts";
import { type Dialled, dial } from "../upstream/dial.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { readRefusalBody } from "../upstream/refusal-body.ts";
import { headerValue } from "../upstream/response-head.ts";
import { resolveTarget, type Target } from "../upstream/target.ts";
import { acceptExtensions, type NegotiatedExtensions, offerExtensions } from "./extensions.ts";
import { acceptKey, checkHandshake } from "./handshake.ts";
import {
  changeHeaders,
  endToEnd,
  fieldValue,
  formatHead,
  type HeaderFields,
  readRawHeaders,
} from "./headers.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { describeRequest, pathOf, type RequestContext } from "./request-context.ts";
import { decodePath, type Router } from "./router.ts";
import { runUpgradeHooks, type UpgradeDecision } from "./upgrade-hooks.ts";

export interface UpgradeHandlerOptions {
  router(): Router<RouteRuntime>;
  readonly sandbox: Sandbox;
  readonly emit: EmitEvent;
  newId(): string;
  isStopping(): boolean;
  onAccepted(accepted: AcceptedUpgrade): void;
}

/** Both handshakes are done and the client has its 101: what a session is made of. */
export interface AcceptedUpgrade {
  readonly id: string;
  readonly runtime: RouteRuntime;
  readonly client: { readonly socket: Socket; readonly head: Buffer; readonly address: string };
  readonly server: { readonly socket: Socket; readonly head: Buffer; readonly url: string };
  readonly extensions: NegotiatedExtensions;
  /** JSON of the upgrade context that the hooks of this connection read. */
  readonly context: string;
  readonly contentType: string;
  readonly expires: number | undefined;
}

/** One upgrade under way. */
interface Attempt {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly key: string;
  readonly runtime: RouteRuntime;
  readonly context: RequestContext;
  readonly signal: AbortSignal;
}

/**
 * From the request to the 101, as ARCHITECTURE.md draws it: handshake ─▶ route ─▶ `upgrade` hooks ─▶ dial ─▶ 101.
 * The client gets nothing before the server has agreed.
 */
export function createUpgradeHandler(
  options: UpgradeHandlerOptions,
): (request: IncomingMessage, socket: Socket, head: Buffer) => void {
  return (request, socket, head) => {
    const startedAt = performance.now();
    const id = options.newId();
    const path = pathOf(request.url ?? "/");
    const client = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
    let route = "";
    // Node stops listening for errors when it hands the socket over.
    socket.on("error", ignore);
    const gone = new AbortController();
    const onGone = (): void => gone.abort();
    socket.once("close", onGone);
    // A FIN before the 101: Node reads on after the upgrade, and a client that half-closes here has given up.
    socket.once("end", onGone);

    open().then(
      (result) => {
        socket.off("close", onGone);
        socket.off("end", onGone);
        if ("refusal" in result) reject(result.refusal);
        else accept(result.accepted);
      },
      (cause: unknown) => {
        const code = cause instanceof UpstreamError ? cause.code : "ERR_POLICY_FAULT";
        reject({ code, detail: cause instanceof Error ? cause.message : String(cause) });
      },
    );

    async function open(): Promise<Opened> {
      const handshake = checkHandshake(request);
      if (!handshake.ok) return { refusal: badHandshake(handshake.status, handshake.detail) };
      if (decodePath(path) === undefined)
        return { refusal: { code: "ERR_BAD_PATH", detail: `path ${path}` } };
      const found = options.router().find(path);
      if (found === undefined) return { refusal: { code: "ERR_NO_ROUTE", detail: `no route for ${path}` } };
      if (options.isStopping())
        return { refusal: { code: "ERR_STOPPING", detail: "the gateway is stopping" } };
      route = found.route.path;
      const context = describeRequest(request, socket, route, found.params);
      return openAttempt(
        { id, request, socket, head, key: handshake.key, runtime: found.route, context, signal: gone.signal },
        options.sandbox,
      );
    }

    function reject(refusal: Refusal): void {
      const status = refuse(socket, refusal, id);
      const durationMs = elapsed();
      const { code, detail } = refusal;
      options.emit({ type: "upgrade-refused", id, route, path, status, code, detail, client, durationMs });
    }

    function accept(accepted: AcceptedUpgrade): void {
      const { server, extensions } = accepted;
      const { subprotocol: chosen } = JSON.parse(accepted.context) as { subprotocol: string };
      options.emit({
        type: "session-start",
        id,
        route,
        path,
        client,
        server: server.url,
        subprotocol: chosen,
        extensions: extensions.header ?? "",
        durationMs: elapsed(),
      });
      options.onAccepted(accepted);
    }

    function elapsed(): number {
      return Math.round(performance.now() - startedAt);
    }
  };
}

type Opened = { readonly accepted: AcceptedUpgrade } | { readonly refusal: Refusal };

async function openAttempt(attempt: Attempt, sandbox: Sandbox): Promise<Opened> {
  const { runtime } = attempt;
  const { config } = runtime;
  const decided = await runUpgradeHooks(sandbox, runtime, attempt.id, attempt.context);
  if ("refusal" in decided) return decided;
  const { decision } = decided;

  const url = decision.connect ?? config.upstream;
  const target = resolveTarget(url, attempt.context.request.url);
  if (target === undefined)
    return { refusal: { code: "ERR_UPSTREAM_UNREACHABLE", detail: `not a server URL: ${url}` } };

  const standAlone = runtime.chain.length > 0;
  const offer = config.compression ? readOffer(attempt, standAlone) : undefined;
  if (offer instanceof SyntaxError)
    return { refusal: badHandshake(400, `Sec-WebSocket-Extensions: ${offer.message}`) };

  const fields = requestFields(attempt, decision, target, offer);
  const dialled = await dial(target, formatHead(`GET ${target.path} HTTP/1.1`, fields), {
    connectTimeoutMs: config.connectTimeoutMs,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    signal: attempt.signal,
  });
  if (dialled.head.status !== 101)
    return { refusal: await passRefusalOn(dialled, target, config.handshakeTimeoutMs) };

  const agreed = agree(attempt, dialled, fieldValue(fields, "sec-websocket-protocol"), offer, standAlone);
  if (typeof agreed === "string") {
    dialled.socket.destroy();
    return { refusal: { code: "ERR_UPSTREAM_BAD_HANDSHAKE", detail: `${target.url}: ${agreed}` } };
  }

  attempt.socket.write(
    formatHead("HTTP/1.1 101 Switching Protocols", responseFields(dialled, decision, agreed)),
    "latin1",
  );
  const { context } = attempt;
  return {
    accepted: {
      id: attempt.id,
      runtime,
      client: {
        socket: attempt.socket,
        head: attempt.head,
        address: `${context.client.address}:${context.client.port}`,
      },
      server: { socket: dialled.socket, head: dialled.rest, url: target.url },
      extensions: agreed,
      context: JSON.stringify({
        ...context,
        attributes: decision.attributes,
        subprotocol: headerValue(dialled.head, "sec-websocket-protocol") ?? "",
        server: { url: target.url },
      }),
      contentType: decision.contentType,
      expires: decision.expires,
    },
  };
}

function readOffer(attempt: Attempt, standAlone: boolean): string | undefined | SyntaxError {
  try {
    return offerExtensions(attempt.request.headers["sec-websocket-extensions"], standAlone);
  } catch (error) {
    return error as SyntaxError;
  }
}

/** The request to the server: the client's own fields, but for those of its hop. */
function requestFields(
  attempt: Attempt,
  decision: UpgradeDecision,
  target: Target,
  offer: string | undefined,
): HeaderFields {
  const { request, context } = attempt;
  const ours = ["host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];
  const replaced = decision.subprotocol === undefined ? ours : [...ours, "sec-websocket-protocol"];
  const forwardedFor = [request.headers["x-forwarded-for"], context.client.address]
    .filter(Boolean)
    .join(", ");
  const fields: HeaderFields = [
    ["Host", target.authority],
    ...endToEnd(readRawHeaders(request.rawHeaders), replaced),
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["X-Forwarded-For", forwardedFor],
    ["X-Forwarded-Proto", context.client.tls ? "wss" : "ws"],
    ["X-Forwarded-Host", request.headers.host ?? ""],
    ...(offer === undefined ? [] : [["Sec-WebSocket-Extensions", offer] as const]),
    ...(decision.subprotocol ? [["Sec-WebSocket-Protocol", decision.subprotocol] as const] : []),
  ];
  return changeHeaders(fields, decision.headers);
}

/** RFC 6455 section 4.1, what a client must check in the answer. @returns what is wrong, as words */
function agree(
  attempt: Attempt,
  dialled: Dialled,
  protocols: string | undefined,
  offer: string | undefined,
  standAlone: boolean,
): NegotiatedExtensions | string {
  const { head } = dialled;
  if (headerValue(head, "upgrade")?.toLowerCase() !== "websocket") return "a 101 without Upgrade: websocket";
  if (!/\bupgrade\b/i.test(headerValue(head, "connection") ?? "")) return "a 101 without Connection: Upgrade";
  if (headerValue(head, "sec-websocket-accept") !== acceptKey(attempt.key))
    return "a wrong Sec-WebSocket-Accept";
  const chosen = headerValue(head, "sec-websocket-protocol");
  if (chosen !== undefined && !isOffered(chosen, protocols))
    return `a subprotocol that was not offered: ${chosen}`;
  const extensions = acceptExtensions(headerValue(head, "sec-websocket-extensions"), offer, standAlone);
  return extensions ?? "extensions that were not offered, or not as offered";
}

function isOffered(chosen: string, protocols: string | undefined): boolean {
  try {
    return protocols !== undefined && subprotocol.parse(protocols).has(chosen);
  } catch {
    return false;
  }
}

function responseFields(
  dialled: Dialled,
  decision: UpgradeDecision,
  extensions: NegotiatedExtensions,
): HeaderFields {
  const fields: HeaderFields = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ...endToEnd(dialled.head.headers),
    ...(extensions.header === undefined ? [] : [["Sec-WebSocket-Extensions", extensions.header] as const]),
  ];
  return changeHeaders(fields, decision.responseHeaders);
}

/** The server said no: its status, fields and body are the client's answer. */
async function passRefusalOn(dialled: Dialled, target: Target, timeoutMs: number): Promise<Refusal> {
  const bytes = await readRefusalBody(dialled, timeoutMs || 10_000);
  return {
    code: "ERR_UPSTREAM_REFUSED",
    detail: `${target.url} answered ${dialled.head.status}`,
    // A success that is not a 101 would leave the client believing that something worked.
    status: dialled.head.status >= 300 ? dialled.head.status : 502,
    headers: endToEnd(dialled.head.headers),
    body: { bytes },
  };
}

function badHandshake(status: number, detail: string): Refusal {
  const headers: HeaderFields =
    status === 426
      ? [
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
        ]
      : status === 405
        ? [["Allow", "GET"]]
        : [];
  return { code: "ERR_BAD_HANDSHAKE", detail, status, headers };
}

function ignore(): void {}
