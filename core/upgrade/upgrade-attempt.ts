import type { Socket } from "node:net";
import type { ConnectionContext, ContentTypes } from "../../sandbox/contract.ts";
import type { ConnectionPolicies } from "../connection-policies.ts";
import { fieldValue, formatHead, type HeaderFields, withoutCredentials } from "../net/headers.ts";
import type { Target } from "../net/target.ts";
import type { Admitted } from "../request/admit.ts";
import { runUpgradeHooks } from "../request/ask-policies.ts";
import type { Exchange } from "../request/exchange.ts";
import { hashKeyOf } from "../request/hash-key.ts";
import { badHandshake, type Refusal } from "../request/refusal.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import { openConnection } from "../upstream/connection.ts";
import { headerValue } from "../upstream/dial/response-head.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { type Negotiation, negotiate } from "./compression.ts";
import type { NegotiatedExtensions } from "./extensions.ts";
import { checkAnswer, passRefusalOn, requestFields, responseFields } from "./server-handshake.ts";
import type { UpgradeNotes } from "./upgrade-observer.ts";

/** Both handshakes are done and the client has its 101: what a session is made of. */
export interface AcceptedUpgrade {
  readonly id: string;
  readonly runtime: RouteRuntime;
  readonly policies: ConnectionPolicies;
  /** That of the route when the request came: it may have changed since. */
  readonly generation: number;
  readonly client: { readonly socket: Socket; readonly head: Buffer; readonly address: string };
  readonly server: { readonly socket: Socket; readonly head: Buffer; readonly url: string };
  readonly extensions: NegotiatedExtensions;
  readonly context: ConnectionContext;
  readonly types: ContentTypes;
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
  readonly policies: ConnectionPolicies;
  readonly signal: AbortSignal;
  /** What of the client's subprotocols the server hears of; undefined: what the client sent. */
  readonly subprotocols: readonly string[] | undefined;
  readonly admitAttributes: Admitted["admitAttributes"];
  readonly leave: () => void;
  /** Undefined when nobody records. */
  readonly notes: UpgradeNotes | undefined;
}

export type Opened = { readonly accepted: AcceptedUpgrade } | { readonly refusal: Refusal };

/** The part that needs others: `upgrade` hooks ─▶ dial ─▶ 101. Throws an UpstreamError. */
export async function openAttempt(attempt: Attempt, upstreams: Upstreams): Promise<Opened> {
  const { runtime, policies, notes } = attempt;
  const { config, generation } = runtime;
  const asked = { chain: policies.route.chain, config };
  const decided = await runUpgradeHooks(policies.sandbox, asked, attempt.id, attempt.context, notes);
  if ("refusal" in decided) return decided;
  const { decision } = decided;
  const full = attempt.admitAttributes(decision.attributes);
  if (full !== undefined) return { refusal: full };

  // Of messages that depend on each other none may be dropped, nor read by itself.
  const { client, server } = config.session.rate;
  const standAlone =
    policies.route.chain.length > 0 || client?.action === "drop" || server?.action === "drop";
  const negotiation = readExtensions(attempt, standAlone);
  if (negotiation instanceof SyntaxError)
    return { refusal: badHandshake(400, `Sec-WebSocket-Extensions: ${negotiation.message}`) };

  let fields: HeaderFields = [];
  const { dialled, target, release } = await openConnection(upstreams, {
    route: config,
    connect: decision.connect,
    url: attempt.context.request.url,
    hashKey: ({ config: { balance } }) => hashKeyOf(balance, attempt.context, decision.attributes),
    head(target: Target, isForeign: boolean) {
      fields = requestFields(attempt, decision, target, negotiation.offer);
      if (isForeign) fields = withoutCredentials(fields);
      if (notes !== undefined) notes.serverRequest = fields;
      return formatHead(`GET ${target.path} HTTP/1.1`, fields);
    },
    signal: attempt.signal,
  });
  const { status, headers } = dialled.head;
  if (notes !== undefined) notes.serverResponse = { status, headers };
  if (status !== 101) {
    return { refusal: await passRefusalOn(attempt, dialled, target).finally(release) };
  }

  const agreed = checkAnswer(attempt.key, dialled, fieldValue(fields, "sec-websocket-protocol"), negotiation);
  if (typeof agreed === "string") {
    dialled.socket.destroy();
    release();
    return { refusal: { code: "ERR_UPSTREAM_BAD_HANDSHAKE", detail: `${target.url}: ${agreed}` } };
  }

  const response = responseFields(attempt, dialled, decision, agreed);
  if (notes !== undefined) notes.response = response;
  attempt.socket.write(formatHead("HTTP/1.1 101 Switching Protocols", response), "latin1");
  const { context } = attempt;
  return {
    accepted: {
      id: attempt.id,
      runtime,
      policies,
      generation,
      client: {
        socket: attempt.socket,
        head: attempt.head,
        address: `${context.client.address}:${context.client.port}`,
      },
      server: { socket: dialled.socket, head: dialled.rest, url: target.url },
      extensions: agreed,
      context: {
        ...context,
        attributes: decision.attributes,
        subprotocol: headerValue(dialled.head, "sec-websocket-protocol") ?? "",
        server: { url: target.url },
      },
      types: decision.types,
      expires: decision.expires,
      release() {
        release();
        attempt.leave();
      },
    },
  };
}

function readExtensions({ request, runtime }: Attempt, standAlone: boolean): Negotiation | SyntaxError {
  try {
    return negotiate(request.headers["sec-websocket-extensions"], runtime.config.compression, standAlone);
  } catch (error) {
    return error as SyntaxError;
  }
}
