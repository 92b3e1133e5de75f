/**
 * What the author of a policy sees: `framegate/policy`.
 *
 * A policy is a TypeScript file that exports hooks named `upgrade`, `unavailable`, `client`, `server`, `tick`, `renew` and
 * `close`. Each hook receives one frozen context and returns one plain verdict, or nothing to leave things as they are. Any hook may be async;
 * messages of one direction of one connection keep their order whatever a hook awaits.
 *
 * The types below are the contract. Changing them changes the public API.
 */

import type {
  OnlyCloseVerdictKeys,
  OnlyHoldKeys,
  OnlyMessageVerdictKeys,
  OnlyNewContentKeys,
  OnlyNextTickKeys,
  OnlyRejectionKeys,
  OnlyRenewVerdictKeys,
  OnlyTickVerdictKeys,
  OnlyUnavailableVerdictKeys,
  OnlyUpgradeVerdictKeys,
} from "./contract/verdict-keys.ts";

/** Plain data: what `attributes`, `options` and `session` may hold. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

// biome-ignore lint/suspicious/noExplicitAny: what a JSON text or a `session` holds is the author's to say
type Unchecked = any;

/** What a message can be made of: text, bytes, or a value that is serialised when the type of such messages is JSON. */
export type Body = string | Uint8Array | ArrayBuffer | number | boolean | null | Serialisable;

/** Any object or array, but no function, and no Promise, Map or Set: JSON makes `{}` of these. */
type Serialisable = object & { readonly bind?: never; readonly [Symbol.toStringTag]?: never };

/** HTTP headers: names in any case, values in the order they came. Read-only. */
export interface HeaderSet extends Iterable<readonly [name: string, value: string]> {
  /** All values of the header joined with ", ", or undefined when it is absent. */
  get(name: string): string | undefined;
  /** Each value of a header that came more than once. */
  getAll(name: string): readonly string[];
  has(name: string): boolean;
  keys(): readonly string[];
}

export interface Request {
  readonly method: string;
  /** The request target as it came, path and query. */
  readonly url: string;
  readonly path: string;
  /** What the `:name` parts of the route's path matched, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The first value of each query parameter; `queryAll` has the repeated ones. */
  readonly query: Readonly<Record<string, string>>;
  readonly queryAll: Readonly<Record<string, readonly string[]>>;
  readonly headers: HeaderSet;
}

export interface Client {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  /** The certificate that the client showed to a listener that asks for one; null without. */
  readonly certificate: ClientCertificate | null;
}

export interface ClientCertificate {
  /** Whether an authority of the listener's `ca` has signed it and it is valid now. Believe nothing of it otherwise. */
  readonly verified: boolean;
  /** By type, such as `CN` and `O`; a list where a type came more than once. */
  readonly subject: Readonly<Record<string, string | readonly string[]>>;
  readonly issuer: Readonly<Record<string, string | readonly string[]>>;
  /** Alternative names with their kind: `DNS:example.org`, `URI:spiffe://…`, `email:…`, `IP Address:…`. */
  readonly names: readonly string[];
  /** Hexadecimal. */
  readonly serial: string;
  /** SHA-256 of the certificate: hexadecimal bytes separated by colons. */
  readonly fingerprint256: string;
  /** ISO 8601, UTC. */
  readonly validFrom: string;
  readonly validTo: string;
}

export interface Route {
  readonly path: string;
}

/** Lines logged here come out in the gateway's log with policy, route and session, rate-limited. */
export interface Log {
  debug(...values: readonly unknown[]): void;
  info(...values: readonly unknown[]): void;
  warn(...values: readonly unknown[]): void;
  error(...values: readonly unknown[]): void;
}

/**
 * Values that outlive connections, reloads and this machine, shared by all workers. Works when the config's `grants`
 * allow it. Values are plain data; every operation is atomic.
 */
export interface Kv {
  /** undefined when there is none, or it has expired. */
  get<T extends Json = Json>(key: string): Promise<T | undefined>;
  set(key: string, value: Json, options?: KvOptions): Promise<void>;
  /** Adds to a whole number, which is 0 when there is none: only then `expires` counts. Gives the sum. */
  increment(key: string, by?: number, options?: KvOptions): Promise<number>;
  /** Sets the value if the present one is the expected one; undefined stands for none. Gives whether it did. */
  compareAndSet(
    key: string,
    expected: Json | undefined,
    value: Json | undefined,
    options?: KvOptions,
  ): Promise<boolean>;
  /** Gives whether there was one. */
  delete(key: string): Promise<boolean>;
}

export interface KvOptions {
  /** Milliseconds from now until the value is gone. Default: it stays. */
  readonly expires?: number;
}

/**
 * Counts how often something may happen, by key, over all workers and with a `cluster` over all machines: buckets that fill evenly. Works when
 * the config's `grants` allow it.
 */
export interface Rates {
  /** Takes one of the key's, if it is there. Keys have at most 512 characters; another rate of the same key is another bucket. */
  take(key: string, rate: Rate): Promise<RateTaken>;
}

export interface Rate {
  /** So many within `per`. */
  readonly limit: number;
  /** Milliseconds. */
  readonly per: number;
  /** How many there are at once after a time without any. Default: as many as `limit`, and at least one. */
  readonly burst?: number;
  /** While the store of the `cluster` cannot be asked: this machine's share of the rate, none, or as many as like to. Default: `local`. */
  readonly onStoreLoss?: "local" | "closed" | "open";
}

export interface RateTaken {
  readonly allowed: boolean;
  /** Milliseconds until there is one again; 0 when it is allowed. */
  readonly retryAfterMs: number;
  /** How many are left, as far as this machine knows. */
  readonly remaining: number;
}

/** The `secrets` of the config that its `grants` let the policy read. */
export interface Secrets {
  get(name: string): Promise<string>;
}

/**
 * Tells people: the `alerts` of the config, and the log. The name says what it is of, in up to 64 letters, digits, `_`, `.`, `:`
 * and `-`; the details are plain data, at most 8,192 bytes as JSON. Of more than 20 in a minute some are lost, and counted.
 */
export type RaiseAlert = (name: string, details?: JsonObject) => Promise<void>;

/** What `export const capabilities` says that a policy needs. Grants nothing. */
export interface Capabilities {
  readonly fetch?: { readonly hosts: readonly string[]; readonly methods?: readonly string[] };
  readonly kv?: boolean;
  readonly rates?: boolean;
  readonly secrets?: readonly string[];
  readonly alert?: boolean;
}

/** What `export const when` says: which messages the hooks are for, and how often `tick` is called. */
export interface When {
  /** All other messages pass without the hook, as they came. */
  readonly client?: MessageFilter;
  readonly server?: MessageFilter;
  readonly tick?: TickInterval;
}

export interface TickInterval {
  /** Milliseconds from the beginning of the connection to the first `tick`, and from each to the next: 50 at least. */
  readonly every: number;
}

/**
 * Messages for which all of this is true. It is decided on the bytes, inflated, also of binary messages: `opcode` is there to
 * leave these out.
 */
export interface MessageFilter {
  readonly opcode?: Frame["opcode"];
  /** Bytes. */
  readonly minLength?: number;
  /** Bytes. */
  readonly maxLength?: number;
  /** Text that stands anywhere in the message. JSON may write any letter as an escape: for JSON take `json`. */
  readonly includes?: string;
  /** As it is written, as `includes`. */
  readonly startsWith?: string;
  /**
   * The message is a JSON object, and each of these members of it has one of these values: `{ type: ["order", "cancel"] }`.
   * Of members of one name the last counts, as with `JSON.parse`.
   */
  readonly json?: Readonly<Record<string, readonly JsonScalar[]>>;
  /**
   * False: the hook reads no bodies, and is called without. They stay in the worker, where `set` and `remove` change them;
   * whoever reads `content.body` or calls `content.json()` all the same gets an error. With nothing else the hook is for all messages.
   */
  readonly body?: false;
}

export type JsonScalar = string | number | boolean | null;

/** The upgrade of a connection as its later hooks see it. Private to the connection, gone with it. */
export interface UpgradeContext {
  /** The session's id, the one in the gateway's log. */
  readonly id: string;
  readonly request: Request;
  readonly client: Client;
  readonly route: Route;
  /** What the `upgrade` hooks of the chain set, and `renew` hooks since then. */
  readonly attributes: JsonObject;
  /** When the connection is closed unless it is renewed, in milliseconds since 1970; null: never. */
  readonly expires: number | null;
  /** The subprotocol the server chose, or "" for none. */
  readonly subprotocol: string;
  readonly server: { readonly url: string };
}

export interface UpgradeHookContext<Options = JsonObject> {
  readonly id: string;
  readonly request: Request;
  readonly client: Client;
  readonly route: Route;
  /** What the `upgrade` hooks before this one in the chain set. */
  readonly attributes: JsonObject;
  readonly options: Readonly<Options>;
  readonly log: Log;
  readonly kv: Kv;
  readonly rates: Rates;
  readonly secrets: Secrets;
  readonly alert: RaiseAlert;
}

/** Why no server could be had. */
export interface ServerFailure {
  /**
   * Nobody listens there, or the connection or TLS failed (`unreachable`); no connection, or no answer, in time; the answer
   * was none to a handshake (`bad-handshake`); all servers are full (`busy`), or an operator drains them (`drained`).
   */
  readonly kind:
    | "unreachable"
    | "connect-timeout"
    | "handshake-timeout"
    | "bad-handshake"
    | "busy"
    | "drained";
  /** How many times a server was asked, those that stand in for others included. */
  readonly tries: number;
  /** What the client gets unless a policy says otherwise: 502, 503 or 504. */
  readonly status: number;
}

export interface UnavailableHookContext<Options = JsonObject> {
  readonly id: string;
  readonly request: Request;
  readonly client: Client;
  readonly route: Route;
  /** What the `upgrade` hooks of the chain set. */
  readonly attributes: JsonObject;
  readonly failure: ServerFailure;
  readonly options: Readonly<Options>;
  readonly log: Log;
  readonly kv: Kv;
  readonly rates: Rates;
  readonly secrets: Secrets;
  readonly alert: RaiseAlert;
}

export interface Content {
  /** A string for a text message, bytes of the hook's own for a binary one. Throws where `when` says that bodies are not read. */
  readonly body: string | Uint8Array;
  /** The MIME type the route gives messages of this side and opcode, `application/json` unless set. */
  readonly type: string;
  /**
   * The body parsed as JSON: a fresh value at each call. Throws a SyntaxError when it is not JSON. Large members at its top
   * level are parsed when they are first looked at; in a new body those that were not go on as they came, to the byte.
   */
  json(): Unchecked;
  json<T>(): T;
}

export interface Frame {
  readonly origin: "client" | "server";
  readonly opcode: "text" | "binary";
  /** Payload length in bytes as it came, after inflating. */
  readonly length: number;
  /** 1 for the first message of this direction of the connection, and so on. */
  readonly sequence: number;
  /** When the message was complete, in milliseconds since 1970. */
  readonly time: number;
}

export interface MessageHookContext<
  Options = JsonObject,
  Session extends object = Record<string, Unchecked>,
> {
  readonly content: Content;
  readonly frame: Frame;
  readonly websock: { readonly context: UpgradeContext };
  /** This policy's own state for this connection: the one mutable thing. Plain data; it survives reloads. */
  readonly session: Session;
  readonly options: Readonly<Options>;
  readonly log: Log;
  readonly kv: Kv;
  readonly rates: Rates;
  readonly secrets: Secrets;
  readonly alert: RaiseAlert;
}

export interface TickHookContext<Options = JsonObject, Session extends object = Record<string, Unchecked>> {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** By how many milliseconds this is later than it was due. */
  readonly late: number;
  readonly websock: { readonly context: UpgradeContext };
  readonly session: Session;
  readonly options: Readonly<Options>;
  readonly log: Log;
  readonly kv: Kv;
  readonly rates: Rates;
  readonly secrets: Secrets;
  readonly alert: RaiseAlert;
}

export interface RenewHookContext<Options = JsonObject, Session extends object = Record<string, Unchecked>> {
  /**
   * Why it is called: an operator, or a program of theirs, asks for it (`request`), it is the time that `renewAt` said
   * (`time`), or a verdict of this policy said `renew` (`message`).
   */
  readonly reason: "request" | "time" | "message";
  /** What that verdict said at `renew`; null when it was `true`, and for the other reasons. */
  readonly data: Unchecked;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly websock: { readonly context: UpgradeContext };
  readonly session: Session;
  readonly options: Readonly<Options>;
  readonly log: Log;
  readonly kv: Kv;
  readonly rates: Rates;
  readonly secrets: Secrets;
  readonly alert: RaiseAlert;
}

export interface CloseHookContext<Options = JsonObject, Session extends object = Record<string, Unchecked>> {
  /** Who began the end of the connection. */
  readonly initiator: "client" | "server" | "gateway" | "policy";
  /** The close code, 1005 when the Close frame had none, 1006 when there was no Close frame. */
  readonly code: number;
  readonly reason: string;
  /** Milliseconds since the upgrade. */
  readonly duration: number;
  readonly messages: { readonly client: number; readonly server: number };
  readonly bytes: { readonly client: number; readonly server: number };
  readonly websock: { readonly context: UpgradeContext };
  readonly session: Session;
  readonly options: Readonly<Options>;
  readonly log: Log;
  readonly kv: Kv;
  readonly rates: Rates;
  readonly secrets: Secrets;
  readonly alert: RaiseAlert;
}

/** Header changes: a string or list sets, `null` removes. */
export type HeaderChanges = Readonly<Record<string, string | readonly string[] | null>>;

/** What a client gets in place of a connection. */
export type Rejection = {
  readonly status: number;
  readonly headers?: HeaderChanges;
  readonly body?: string | JsonObject;
};

export type UpgradeVerdict = {
  /**
   * Where this connection goes, in place of the route's upstream: the name of one of the config's `upstreams`, or an
   * http, https, ws or wss URL of a server that the config names or allows.
   */
  readonly connect?: string;
  /** Refuse the connection before any 101. */
  readonly reject?: Rejection & OnlyRejectionKeys;
  /** Plain data that the later hooks of this connection read at `websock.context.attributes`. */
  readonly attributes?: JsonObject;
  /** Changes to the headers of the request to the server. */
  readonly headers?: HeaderChanges;
  /** Changes to the headers of the 101 that the client gets. */
  readonly responseHeaders?: HeaderChanges;
  /** Offer the server this subprotocol, and only this, in place of what the client offers. */
  readonly subprotocol?: string;
  /** MIME type of all messages of this connection, in place of the route's. */
  readonly contentType?: string;
  /**
   * Close the connection (1008) at this time unless `renew` has said a later one until then: milliseconds since 1970, or
   * seconds if below 1e11, as in a token's `exp`.
   */
  readonly expires?: number;
  /** Call `renew` at this time. As `expires`. */
  readonly renewAt?: number;
  readonly tick?: (NextTick & OnlyNextTickKeys) | false;
};

/** With nothing of it the next policy of the chain is asked. */
export type UnavailableVerdict = {
  /** Refuse the connection with this, and not with 502, 503 or 504. Stands alone. */
  readonly reject?: Rejection & OnlyRejectionKeys;
  /** Ask this server, as of `UpgradeVerdict`. Where that cannot be had either, the policies after this one are asked. */
  readonly connect?: string;
  /** Let the client in now, and keep what it sends until there is a server: that of `connect`, or the one that was meant. */
  readonly hold?: (Hold & OnlyHoldKeys) | true;
};

export type Hold = {
  /** Milliseconds until the client is closed without a server. Default: 30,000; at most 300,000. */
  readonly for?: number;
  /** With so many messages kept, whole ones, the client is not read any more until there is a server. Default: 64; at most 1,024. */
  readonly messages?: number;
  /** The same for bytes. Default: 65,536; at most 1,048,576. */
  readonly bytes?: number;
  /** What the client is told, of those that it offers, and the server is offered then; it has to agree. */
  readonly subprotocol?: string;
  /** What the client is told when no server can be had. Default: 1013 `server unavailable`. */
  readonly close?: CloseVerdict & OnlyCloseVerdictKeys;
};

/**
 * When `tick` is called next, in place of when it would have been: in so many milliseconds, or at a time (as `expires`);
 * with false not any more, until another verdict says so.
 */
export type NextTick =
  | { readonly in: number; readonly at?: never }
  | { readonly at: number; readonly in?: never }
  | false;

/** A message in place of the one that came. */
export type NewContent = {
  readonly body: Body;
  readonly set?: never;
  readonly remove?: never;
};

/**
 * What changes of a text message that is a JSON object: members at its top level. All else stays as it is, to the byte, and
 * nothing has to be parsed for it. One of `set` and `remove` is there, or both.
 */
export type ContentEdit =
  | { readonly set: NewMembers; readonly remove?: readonly string[]; readonly body?: never }
  | { readonly remove: readonly string[]; readonly set?: NewMembers; readonly body?: never };

/** By name: the value of a member where it stands, or of a new one at the end. With undefined it is removed. */
export type NewMembers = { readonly [name: string]: Json | Serialisable | undefined };

export type MessageVerdict = {
  /** Replace the message, or change members of it. */
  readonly content?: (NewContent | ContentEdit) & OnlyNewContentKeys;
  /** Do not pass the message on. */
  readonly drop?: boolean;
  /** Messages for the sender, in order. */
  readonly reply?: readonly Body[];
  /** Messages for the receiver, after this one, in order. They pass the rest of the chain. */
  readonly append?: readonly Body[];
  /** Close both legs once what came before is delivered. Code 1000 or 3000–4999, or 1001–1003, 1007–1014. */
  readonly close?: CloseVerdict & OnlyCloseVerdictKeys;
  /** Call `renew` at once, with this as its `data`; the message, and those behind it, wait for what it says. */
  readonly renew?: Json;
  readonly tick?: (NextTick & OnlyNextTickKeys) | false;
  /** For how many milliseconds the policy had held back each of the messages that it sends now. For the metric: nothing comes of it. */
  readonly held?: readonly number[];
};

export type CloseVerdict = {
  readonly code: number;
  /** What both peers are told; at most 123 bytes of UTF-8. */
  readonly reason?: string;
  /** What was broken, for the log and the ledger of ends: `"max-orders"`. No peer is told. At most 100 characters. */
  readonly rule?: string;
};

export type TickVerdict = {
  /** Messages for each side, in order. They pass the policies between this one and that side. */
  readonly toClient?: readonly Body[];
  readonly toServer?: readonly Body[];
  /** Close both legs once what came before is delivered. Codes as of `MessageVerdict`. */
  readonly close?: CloseVerdict & OnlyCloseVerdictKeys;
  /** Without it the next one is as `when.tick` says. */
  readonly tick?: (NextTick & OnlyNextTickKeys) | false;
  /** Call `renew` at once, with this as its `data`. */
  readonly renew?: Json;
  /** As of `MessageVerdict`. */
  readonly held?: readonly number[];
};

export type RenewVerdict = {
  /** Plain data, merged over the attributes of the connection: its later hooks read them. */
  readonly attributes?: JsonObject;
  /** In place of what this policy has said before. As of `UpgradeVerdict`, and the next one, too. */
  readonly expires?: number;
  readonly renewAt?: number;
  readonly toClient?: readonly Body[];
  readonly toServer?: readonly Body[];
  readonly close?: CloseVerdict & OnlyCloseVerdictKeys;
  readonly tick?: (NextTick & OnlyNextTickKeys) | false;
};

type Awaitable<T> = T | Promise<T>;
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common case
type Maybe<T> = T | undefined | null | void;

export type Upgrade<Options = JsonObject> = (
  context: UpgradeHookContext<Options>,
) => Awaitable<Maybe<UpgradeVerdict & OnlyUpgradeVerdictKeys>>;
export type Unavailable<Options = JsonObject> = (
  context: UnavailableHookContext<Options>,
) => Awaitable<Maybe<UnavailableVerdict & OnlyUnavailableVerdictKeys>>;
export type Message<Options = JsonObject, Session extends object = Record<string, Unchecked>> = (
  context: MessageHookContext<Options, Session>,
) => Awaitable<Maybe<MessageVerdict & OnlyMessageVerdictKeys>>;
export type Tick<Options = JsonObject, Session extends object = Record<string, Unchecked>> = (
  context: TickHookContext<Options, Session>,
) => Awaitable<Maybe<TickVerdict & OnlyTickVerdictKeys>>;
export type Renew<Options = JsonObject, Session extends object = Record<string, Unchecked>> = (
  context: RenewHookContext<Options, Session>,
) => Awaitable<Maybe<RenewVerdict & OnlyRenewVerdictKeys>>;
export type Close<Options = JsonObject, Session extends object = Record<string, Unchecked>> = (
  context: CloseHookContext<Options, Session>,
) => Awaitable<void>;
