import type { Socket } from "node:net";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { RouteRuntime } from "../route-runtime.ts";
import { openConnection } from "../upstream/connection.ts";
import { headerValue } from "../upstream/response-head.ts";
import type { Target } from "../upstream/target.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { Exchange } from "./exchange.ts";
import { type NegotiatedExtensions, offerExtensions } from "./extensions.ts";
import { hashKeyOf } from "./hash-key.ts";
import { fieldValue, formatHead, type HeaderFields, withoutCredentials } from "./headers.ts";
import { badHandshake, type Refusal } from "./refusal.ts";
import { checkAnswer, passRefusalOn, requestFields, responseFields } from "./server-handshake.ts";
import { runUpgradeHooks } from "./upgrade-hooks.ts";
import type { UpgradeTrace } from "./upgrade-observer.ts";

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
  /** Gives back what the connection holds, at its route and at its upstream: to be called when the session has ended. */
  release(): void;
}

/** One upgrade under way. */
export interface Attempt extends Exchange {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly key: string;
  readonly runtime: RouteRuntime;
  readonly signal: AbortSignal;
  /** What of the client's subprotocols the server hears of; undefined: what the client sent. */
  readonly subprotocols: readonly string[] | undefined;
  readonly leave: () => void;
  /** Undefined when nobody records. */
  readonly trace: UpgradeTrace | undefined;
}

export interface AttemptParts {
  readonly sandbox: Sandbox;
  readonly upstreams: Upstreams;
}

export type Opened = { readonly accepted: AcceptedUpgrade } | { readonly refusal: Refusal };

/** The part that needs others: `upgrade` hooks ─▶ dial ─▶ 101. Throws an UpstreamError. */
export async function openAttempt(attempt: Attempt, { sandbox, upstreams }: AttemptParts): Promise<Opened> {
  const { runtime, trace } = attempt;
  const { config } = runtime;
  const decided = await runUpgradeHooks(sandbox, runtime, attempt.id, attempt.context, trace);
  if ("refusal" in decided) return decided;
  const { decision } = decided;

  // Of messages that depend on each other none may be dropped, nor read by itself.
  const { client, server } = config.session.rate;
  const standAlone = runtime.chain.length > 0 || client?.action === "drop" || server?.action === "drop";
  const offer = config.compression ? readOffer(attempt, standAlone) : undefined;
  if (offer instanceof SyntaxError)
    return { refusal: badHandshake(400, `Sec-WebSocket-Extensions: ${offer.message}`) };

  let fields: HeaderFields = [];
  const { dialled, target, release } = await openConnection(upstreams, {
    route: config,
    connect: decision.connect,
    url: attempt.context.request.url,
    hashKey: ({ config: { balance } }) => hashKeyOf(balance, attempt.context, decision.attributes),
    head(target: Target, isForeign: boolean) {
      fields = requestFields(attempt, decision, target, offer);
      if (isForeign) fields = withoutCredentials(fields);
      if (trace !== undefined) trace.serverRequest = fields;
      return formatHead(`GET ${target.path} HTTP/1.1`, fields);
    },
    signal: attempt.signal,
  });
  const { status, headers } = dialled.head;
  if (trace !== undefined) trace.serverResponse = { status, headers };
  if (status !== 101) {
    return { refusal: await passRefusalOn(attempt, dialled, target).finally(release) };
  }

  const agreed = checkAnswer(
    attempt.key,
    dialled,
    fieldValue(fields, "sec-websocket-protocol"),
    offer,
    standAlone,
  );
  if (typeof agreed === "string") {
    dialled.socket.destroy();
    release();
    return { refusal: { code: "ERR_UPSTREAM_BAD_HANDSHAKE", detail: `${target.url}: ${agreed}` } };
  }

  const response = responseFields(attempt, dialled, decision, agreed);
  if (trace !== undefined) trace.response = response;
  attempt.socket.write(formatHead("HTTP/1.1 101 Switching Protocols", response), "latin1");
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
      release() {
        release();
        attempt.leave();
      },
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
