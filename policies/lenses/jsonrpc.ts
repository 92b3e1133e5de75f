import type { JsonObject } from "framegate/policy";
import { isObject } from "../is-object.ts";
import { lookalikeCheck, readJson } from "./lib/json-text.ts";
import { createLens, type LensHooks, type LensOptions } from "./lib/lens.ts";
import type { AnySession, Dialect, LensHandlers, ProtocolParts } from "./lib/protocol.ts";
import { agreedSubprotocol } from "./lib/subprotocols.ts";

export type JsonrpcId = string | number | null;
export type JsonrpcParams = readonly unknown[] | Readonly<Record<string, unknown>>;

export interface JsonrpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: JsonrpcId;
  readonly method: string;
  readonly params?: JsonrpcParams;
}

/** A request that nobody answers. */
export interface JsonrpcNotification {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly params?: JsonrpcParams;
}

export interface JsonrpcResult {
  readonly jsonrpc: "2.0";
  readonly id: JsonrpcId;
  readonly result: unknown;
}

export interface JsonrpcError {
  readonly jsonrpc: "2.0";
  readonly id: JsonrpcId;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

type JsonrpcPacket = JsonrpcRequest | JsonrpcNotification | JsonrpcResult | JsonrpcError;

/** Either side may ask, and answer. */
export interface JsonrpcProtocol {
  readonly client: Readonly<Record<never, never>>;
  readonly server: Readonly<Record<never, never>>;
  readonly both: {
    readonly request: JsonrpcRequest;
    readonly notification: JsonrpcNotification;
    readonly result: JsonrpcResult;
    readonly error: JsonrpcError;
  };
}

export interface JsonrpcOptions extends LensOptions {
  /** Who offers none of these is not let in. Default: none is asked for, for the specification names none. */
  readonly subprotocols?: readonly string[];
}

/** JSON-RPC 2.0, each message a call, an answer, or a batch of these. Handlers are called for each item of a batch. */
export function jsonrpc<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<JsonrpcProtocol, Options, Session>,
  { subprotocols = [], ...options }: JsonrpcOptions = {},
): LensHooks<Options, Session> {
  const agreed = subprotocols.length === 0 ? undefined : agreedSubprotocol(subprotocols, FOREIGN);
  return createLens<JsonrpcProtocol, Options, Session>({ ...parts, ...agreed }, handlers, options);
}

const refuseLookalikes = lookalikeCheck(["jsonrpc", "id", "method", "params", "result", "error"]);
const refuseLookalikesInError = lookalikeCheck(["code", "message", "data"]);
/** Of a batch: all of them are read within the time of one call. */
const MAX_ITEMS = 1_024;
const FOREIGN = { code: 1008, reason: "JSON-RPC 2.0 is expected" };

const dialect: Dialect<JsonrpcPacket> = {
  read(context) {
    const value = readJson(context);
    const packets: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (packets.length === 0) throw new TypeError("got an empty batch");
    if (packets.length > MAX_ITEMS) throw new RangeError(`more than ${MAX_ITEMS} items of a batch`);
    for (const packet of packets) requirePacket(packet);
    return { packets: packets as readonly JsonrpcPacket[] };
  },
  kindOf,
  write(packets, { content }) {
    for (const packet of packets) requirePacket(packet);
    const isBatch = /^\s*\[/.test(content.body as string);
    return isBatch ? [JSON.stringify(packets)] : packets.map((packet) => JSON.stringify(packet));
  },
  foreign: FOREIGN,
};

const parts: ProtocolParts<JsonrpcProtocol> = {
  name: "jsonrpc",
  kinds: { client: [], server: [], both: ["request", "notification", "result", "error"] },
  client: {
    ...dialect,
    answerForeign(cause) {
      const [code, message] =
        cause instanceof SyntaxError ? [-32700, "Parse error"] : [-32600, "Invalid Request"];
      return JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id: null });
    },
  },
  server: dialect,
};

/** Throws at what is neither a call nor an answer (sections 4 and 5 of the specification), or could be taken for both. */
function requirePacket(packet: unknown): void {
  if (!isObject(packet) || packet.jsonrpc !== "2.0") throw new TypeError('expected jsonrpc "2.0"');
  refuseLookalikes(packet);
  const has = (name: string) => Object.hasOwn(packet, name);
  if (has("id") && !isId(packet.id)) throw new TypeError("expected an id");
  if (has("method")) {
    const { method, params } = packet;
    const isFine =
      typeof method === "string" && (!has("params") || isObject(params) || Array.isArray(params));
    if (!isFine || has("result") || has("error")) throw new TypeError("expected a call");
    return;
  }
  if (!has("id") || has("result") === has("error")) throw new TypeError("expected an answer");
  if (has("result")) return;
  const { error } = packet;
  if (!isObject(error) || !Number.isInteger(error.code) || typeof error.message !== "string")
    throw new TypeError("expected an error with code and message");
  refuseLookalikesInError(error);
}

function kindOf(packet: JsonrpcPacket): keyof JsonrpcProtocol["both"] {
  if (Object.hasOwn(packet, "method")) return Object.hasOwn(packet, "id") ? "request" : "notification";
  return Object.hasOwn(packet, "result") ? "result" : "error";
}

/** Numbers that JavaScript cannot hold would be other ones once they are written. */
function isId(id: unknown): boolean {
  return (
    id === null ||
    typeof id === "string" ||
    (typeof id === "number" && Math.abs(id) <= Number.MAX_SAFE_INTEGER)
  );
}
