import type { CloseVerdict, JsonObject } from "framegate/policy";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, validateMessage } from "graphql-ws/client";
import { lookalikeCheck, readJson } from "./lib/json-text.ts";
import { createLens, type LensHooks, type LensOptions } from "./lib/lens.ts";
import type { AnySession, Dialect, LensHandlers, PacketOf, ProtocolParts } from "./lib/protocol.ts";
import { agreedSubprotocol } from "./lib/subprotocols.ts";

type Members = Readonly<Record<string, unknown>>;

export interface GraphqlConnectionInit {
  readonly type: "connection_init";
  readonly payload?: Members | null;
}

export interface GraphqlConnectionAck {
  readonly type: "connection_ack";
  readonly payload?: Members | null;
}

export interface GraphqlSubscribe {
  readonly type: "subscribe";
  readonly id: string;
  readonly payload: {
    readonly query: string;
    readonly operationName?: string | null;
    readonly variables?: Members | null;
    readonly extensions?: Members | null;
  };
}

export interface GraphqlNext {
  readonly type: "next";
  readonly id: string;
  readonly payload: {
    readonly data?: Members | null;
    readonly errors?: readonly GraphqlFault[];
    readonly extensions?: Members;
  };
}

export interface GraphqlError {
  readonly type: "error";
  readonly id: string;
  readonly payload: readonly GraphqlFault[];
}

/** As the specification of GraphQL has errors. */
export interface GraphqlFault {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions?: Members;
}

export interface GraphqlComplete {
  readonly type: "complete";
  readonly id: string;
}

export interface GraphqlPing {
  readonly type: "ping";
  readonly payload?: Members | null;
}

export interface GraphqlPong {
  readonly type: "pong";
  readonly payload?: Members | null;
}

export interface GraphqlWsProtocol {
  readonly client: { readonly connectionInit: GraphqlConnectionInit; readonly subscribe: GraphqlSubscribe };
  readonly server: {
    readonly connectionAck: GraphqlConnectionAck;
    readonly next: GraphqlNext;
    readonly error: GraphqlError;
  };
  readonly both: {
    readonly ping: GraphqlPing;
    readonly pong: GraphqlPong;
    readonly complete: GraphqlComplete;
  };
}

/**
 * GraphQL over WebSocket, the subprotocol `graphql-transport-ws`. What is a message of it the library graphql-ws says, which most
 * clients and servers of JavaScript are made with.
 */
export function graphqlWs<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<GraphqlWsProtocol, Options, Session>,
  options: LensOptions = {},
): LensHooks<Options, Session> {
  return createLens<GraphqlWsProtocol, Options, Session>(parts, handlers, options);
}

/** The kind of a packet by what stands in `type`. */
const CLIENT_KINDS = {
  connection_init: "connectionInit",
  subscribe: "subscribe",
  ping: "ping",
  pong: "pong",
  complete: "complete",
} as const;
const SERVER_KINDS = {
  connection_ack: "connectionAck",
  next: "next",
  error: "error",
  ping: "ping",
  pong: "pong",
  complete: "complete",
} as const;
const refuseLookalikes = lookalikeCheck(["type", "id", "payload"]);
/** By `type`; what is in the others' payloads is not the protocol's. */
const payloadChecks: Readonly<Record<string, (payload: object) => void>> = {
  subscribe: lookalikeCheck(["query", "operationName", "variables", "extensions"]),
  next: lookalikeCheck(["data", "errors", "extensions"]),
};

function speak<Packet extends { readonly type: string }>(
  kinds: Readonly<Record<Packet["type"], string>>,
  foreign: CloseVerdict,
): Dialect<Packet> {
  return {
    read(context) {
      const message = validateMessage(readJson(context));
      if (!Object.hasOwn(kinds, message.type)) throw new TypeError(`the other side sends ${message.type}`);
      refuseLookalikes(message);
      if ("payload" in message) payloadChecks[message.type]?.(message.payload as object);
      return { packets: [message as unknown as Packet] };
    },
    kindOf: (packet) => kinds[packet.type as Packet["type"]],
    write: (packets) => packets.map((packet) => JSON.stringify(validateMessage(packet))),
    filter: (wanted) => ({
      json: { type: Object.keys(kinds).filter((type) => wanted.includes(kinds[type as Packet["type"]])) },
    }),
    foreign,
  };
}

const parts: ProtocolParts<GraphqlWsProtocol> = {
  name: "graphqlWs",
  kinds: {
    client: ["connectionInit", "subscribe"],
    server: ["connectionAck", "next", "error"],
    both: ["ping", "pong", "complete"],
  },
  ...agreedSubprotocol([GRAPHQL_TRANSPORT_WS_PROTOCOL], {
    code: CloseCode.SubprotocolNotAcceptable,
    reason: "Subprotocol not acceptable",
  }),
  client: speak<PacketOf<GraphqlWsProtocol, "client">>(CLIENT_KINDS, {
    code: CloseCode.BadRequest,
    reason: "Invalid message received",
  }),
  server: speak<PacketOf<GraphqlWsProtocol, "server">>(SERVER_KINDS, {
    code: CloseCode.BadResponse,
    reason: "Bad response",
  }),
};
