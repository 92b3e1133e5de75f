import type { Socket } from "node:net";
import type { GoneSignal } from "../net/gone-signal.ts";
import {
  changeHeaders,
  fieldValue,
  formatHead,
  type HeaderFields,
  withoutCredentials,
} from "../net/headers.ts";
import type { UpgradeDecision } from "../request/decision.ts";
import type { Routed } from "../request/exchange.ts";
import { type Refusal, type Refused, refused } from "../request/refusal.ts";
import { serverRequest } from "../request/server-request.ts";
import { type Connection, openConnection } from "../upstream/connection.ts";
import { headerValue } from "../upstream/dial/response-head.ts";
import type { ServerName } from "../upstream/server-choice.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { type Negotiation, negotiate } from "./compression.ts";
import type { NegotiatedExtensions } from "./extensions.ts";
import { checkAnswer, passRefusalOn, requestFields, responseFields } from "./server-handshake.ts";
import type { UpgradeNotes } from "./upgrade-observer.ts";

/** What is known of an upgrade when its server is asked. */
export interface ServerQuestion {
  readonly routed: Routed;
  readonly decision: UpgradeDecision;
  /** The client's Sec-WebSocket-Key. */
  readonly key: string;
  /** What of the client's subprotocols the server hears of; undefined: what the client sent. */
  readonly subprotocols: readonly string[] | undefined;
  /** Each message is to be read by itself, or may be dropped. */
  readonly standAlone: boolean;
  /** Aborts when the client has gone. */
  readonly signal: GoneSignal;
  /** A server is asked. */
  readonly onTry?: () => void;
  /** Undefined when nobody records. */
  readonly notes: UpgradeNotes | undefined;
}

/** A server that has agreed. */
export interface Agreement {
  readonly server: {
    readonly socket: Socket;
    readonly head: Buffer;
    readonly url: string;
    readonly at: ServerName | undefined;
  };
  readonly subprotocol: string;
  readonly extensions: NegotiatedExtensions;
  /** The fields of the 101 for the client. */
  readonly response: HeaderFields;
  /** Gives the place at the server back. */
  release(): void;
}

/** The last stage of an upgrade: a server is reached, and answers with a 101 that is right. @throws UpstreamError */
export async function agreeWithServer(
  question: ServerQuestion,
  upstreams: Upstreams,
): Promise<Agreement | Refused> {
  const { routed, decision, notes } = question;
  const negotiation = readExtensions(question);
  if ("refusal" in negotiation) return negotiation;

  let fields: HeaderFields = [];
  const connection = await openConnection(upstreams, {
    ...serverRequest(routed, decision, question.signal),
    phases: notes?.phases,
    head(target, isForeign) {
      question.onTry?.();
      fields = requestFields(question, target, negotiation.offer);
      // Nobody but that server has named it: it gets its own Host, whatever the route says.
      if (isForeign) fields = changeHeaders(withoutCredentials(fields), { host: [target.authority] });
      if (notes !== undefined) notes.serverRequest = fields;
      return formatHead(`GET ${target.path} HTTP/1.1`, fields);
    },
  });
  notes?.phases.enter("answer");
  const { dialled, target, at, release } = connection;
  const { status, headers } = dialled.head;
  if (notes !== undefined) notes.serverResponse = { status, headers };
  if (status !== 101) return { refusal: await takeRefusal(routed, connection) };

  const offered = fieldValue(fields, "sec-websocket-protocol");
  const extensions = checkAnswer(question.key, dialled, offered, negotiation);
  if (typeof extensions === "string") {
    dialled.socket.destroy();
    release();
    return refused("ERR_UPSTREAM_BAD_HANDSHAKE", `${target.url}: ${extensions}`);
  }
  return {
    server: { socket: dialled.socket, head: dialled.rest, url: target.url, at },
    subprotocol: headerValue(dialled.head, "sec-websocket-protocol") ?? "",
    extensions,
    response: responseFields(question, headers, extensions),
    release,
  };
}

function takeRefusal(routed: Routed, { dialled, target, release }: Connection): Promise<Refusal> {
  return passRefusalOn(routed, dialled, target).finally(release);
}

function readExtensions({ routed, standAlone }: ServerQuestion): Negotiation | Refused {
  const { exchange, config } = routed;
  try {
    return negotiate(exchange.request.headers["sec-websocket-extensions"], config.compression, standAlone);
  } catch (error) {
    return refused("ERR_BAD_HANDSHAKE", `Sec-WebSocket-Extensions: ${(error as SyntaxError).message}`);
  }
}
