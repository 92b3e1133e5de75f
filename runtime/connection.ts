import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { HookName, Payload } from "../sandbox/contract/hooks.ts";
import type { Outcome } from "../sandbox/contract/verdicts.ts";
import type { ConnectionContext, ContentTypes, RequestContext, Seat } from "../sandbox/contract.ts";
import type { ServerFailure } from "../sandbox/policy-api.ts";
import { describeUpgrade, type UpgradeRequest } from "./request.ts";
import {
  type MessageResult,
  messageResult,
  type RenewResult,
  renewResult,
  type TickResult,
  tickResult,
  type UnavailableResult,
  type UpgradeResult,
  unavailableResult,
  upgradeResult,
} from "./results.ts";

export interface ConnectionOptions {
  /** What `upgrade` and the later hooks see. */
  readonly request?: UpgradeRequest;
  /** What policies before this one in the chain have set. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** The subprotocol that the server chose. Default: none. */
  readonly subprotocol?: string;
  /** Where the connection goes. */
  readonly server?: string;
  /** When it expires, in milliseconds since 1970. Default: what `upgrade` says, or never. */
  readonly expires?: number;
}

/** Why `renew` is called. */
export interface RenewRequest {
  /** Default: `request`. */
  readonly reason?: "request" | "time" | "message";
  /** Plain data, as a verdict's `renew` would give it. Default: null. */
  readonly data?: unknown;
}

/** How a connection ended. Counts and bytes are those of the calls before, unless they are given. */
export interface CloseRequest {
  readonly initiator?: "client" | "server" | "gateway" | "policy";
  readonly code?: number;
  readonly reason?: string;
  /** Milliseconds. Default: the time on the clock since the connection was made. */
  readonly duration?: number;
  readonly messages?: { readonly client: number; readonly server: number };
  readonly bytes?: { readonly client: number; readonly server: number };
}

/** One connection: `session` and what `upgrade` set last over its calls. */
export interface PolicyConnection extends Disposable {
  readonly id: string;
  upgrade(request?: UpgradeRequest): Promise<UpgradeResult>;
  /** No server can be had. Default: nobody listens there, and one was asked. */
  unavailable(failure?: Partial<ServerFailure>): Promise<UnavailableResult>;
  /** A message of the client's: a string is sent as text, bytes as binary, anything else as the text of its JSON. */
  client(body: unknown): Promise<MessageResult>;
  server(body: unknown): Promise<MessageResult>;
  /** The caller is the clock: when it is called, and how late. Default: it is in time. */
  tick(due?: { readonly late?: number }): Promise<TickResult>;
  /** What it sets, the later calls of the connection read. */
  renew(cause?: RenewRequest): Promise<RenewResult>;
  /** Call the `close` hook; the connection has no more calls then. */
  close(end?: CloseRequest): Promise<void>;
  /** Without a call: forget the connection. One that is neither closed nor disposed of keeps its memory. */
  dispose(): void;
}

/** What a connection needs of the policy it is for. */
export interface ConnectionHost {
  readonly contentType: string;
  now(): number;
  seat(id: string, context: RequestContext | ConnectionContext, types: ContentTypes): Seat;
  /** Rejects with a PolicyError. */
  call(seat: Seat, hook: HookName, payload: Payload, sequence: number): Promise<Settled>;
}

type Settled = Exclude<Outcome, { readonly kind: "fault" }>;

export function openPolicyConnection(
  host: ConnectionHost,
  options: ConnectionOptions = {},
): PolicyConnection {
  const id = randomUUID();
  const openedAt = host.now();
  const messages = { client: 0, server: 0 };
  const bytes = { client: 0, server: 0 };
  let types = sameTypes(host.contentType);
  let context = describeUpgrade(options.request ?? {});
  let attributes = options.attributes ?? {};
  let subprotocol = options.subprotocol ?? "";
  let server = options.server ?? "ws://127.0.0.1:3000/";
  let { expires } = options;
  let refused: number | undefined;
  let seat: Seat | undefined;
  let isOver = false;

  function messageSeat(): Seat {
    if (isOver) throw new Error("This connection is over: there are no more calls.");
    if (refused !== undefined)
      throw new Error(`This connection was refused with ${refused}: there are no messages and no close.`);
    seat ??= host.seat(id, connectionContext(), types);
    return seat;
  }

  function connectionContext(): ConnectionContext {
    const term = expires !== undefined && { expires };
    return { ...context, attributes, ...term, subprotocol, server: { url: server } };
  }

  /** As the gateway does: its other policies are told, too. */
  function adopt(renewal: RenewResult | undefined): void {
    if (renewal === undefined || seat === undefined) return;
    attributes = { ...attributes, ...renewal.attributes };
    expires = renewal.expires ?? expires;
    seat.renew(JSON.stringify(connectionContext()), connectionContext());
  }

  async function callByTime(hook: "tick" | "renew", cause: object): Promise<Settled> {
    return host.call(messageSeat(), hook, textPayload(JSON.stringify({ ...cause, time: host.now() })), 0);
  }

  async function send(origin: "client" | "server", body: unknown): Promise<MessageResult> {
    const payload = payloadOf(body);
    const target = messageSeat();
    messages[origin]++;
    bytes[origin] += payload.bytes.length;
    const result = messageResult(await host.call(target, origin, payload, messages[origin]), payload);
    adopt(result.renewal);
    return result;
  }

  return {
    id,

    async upgrade(request) {
      if (request !== undefined) context = describeUpgrade(request);
      const own = host.seat(id, context, types);
      try {
        const payload = textPayload(JSON.stringify({ id, ...context, attributes }));
        const result = upgradeResult(await host.call(own, "upgrade", payload, 0));
        refused = result.accepted ? undefined : result.status;
        attributes = { ...attributes, ...result.attributes };
        if (result.contentType !== undefined) types = sameTypes(result.contentType);
        expires = result.expires ?? expires;
        server = result.connect ?? server;
        subprotocol = result.subprotocol ?? subprotocol;
        return result;
      } finally {
        own.close();
      }
    },

    async unavailable(failure = {}) {
      const whole: ServerFailure = { kind: "unreachable", tries: 1, status: 502, ...failure };
      const own = host.seat(id, context, types);
      try {
        const payload = textPayload(JSON.stringify({ id, ...context, attributes, failure: whole }));
        return unavailableResult(await host.call(own, "unavailable", payload, 0), whole);
      } finally {
        own.close();
      }
    },

    client: (body) => send("client", body),
    server: (body) => send("server", body),

    async tick({ late = 0 } = {}) {
      const result = tickResult(await callByTime("tick", { late }));
      adopt(result.renewal);
      return result;
    },

    async renew({ reason = "request", data = null } = {}) {
      const result = renewResult(await callByTime("renew", { reason, data }));
      adopt(result);
      return result;
    },

    async close(end = {}) {
      const last = messageSeat();
      const duration = host.now() - openedAt;
      const whole = { initiator: "client", code: 1000, reason: "", duration, messages, bytes, ...end };
      isOver = true;
      await host.call(last, "close", textPayload(JSON.stringify(whole)), 0).finally(() => last.close());
    },

    dispose,
    [Symbol.dispose]: dispose,
  };

  function dispose(): void {
    if (!isOver) seat?.close();
    isOver = true;
  }
}

export function payloadOf(body: unknown): Payload {
  if (body instanceof ArrayBuffer) return { binary: true, bytes: new Uint8Array(body) };
  if (ArrayBuffer.isView(body)) {
    return { binary: true, bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice() };
  }
  return textPayload(typeof body === "string" ? body : JSON.stringify(body));
}

function textPayload(text: string): Payload {
  return { binary: false, bytes: Buffer.from(text) };
}

export function sameTypes(type: string): ContentTypes {
  const both = { text: type, binary: type };
  return { client: both, server: both };
}
