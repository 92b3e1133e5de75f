import type { CloseVerdict, JsonObject } from "framegate/policy";
import { textBody } from "../lib/json-text.ts";
import { createLens, type LensHooks, type LensOptions } from "../lib/lens.ts";
import { lensState } from "../lib/lens-state.ts";
import type { AnySession, Dialect, LensHandlers, ProtocolParts, SideName } from "../lib/protocol.ts";
import type { SignalrMessage, SignalrProtocol } from "./messages.ts";
import { endRecord, readFirstRecord, readRecord, splitRecords, writeRecord } from "./records.ts";

export type * from "./messages.ts";

const FOREIGN: CloseVerdict = { code: 1002, reason: "not SignalR" };

/** By `type`. */
const KIND_OF: Readonly<Record<number, string>> = {
  1: "invocation",
  2: "streamItem",
  3: "completion",
  4: "streamInvocation",
  5: "cancelInvocation",
  6: "ping",
  7: "close",
  8: "ack",
  9: "sequence",
};

const KINDS = {
  client: ["handshakeRequest", "streamInvocation", "cancelInvocation"],
  server: ["handshakeResponse"],
  both: ["invocation", "streamItem", "completion", "ping", "close", "ack", "sequence"],
} as const satisfies ProtocolParts<SignalrProtocol>["kinds"];

/** SignalR of ASP.NET Core over WebSocket, with its hub protocol of JSON. */
export function signalr<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<SignalrProtocol, Options, Session>,
  options: LensOptions = {},
): LensHooks<Options, Session> {
  const dialects = createDialects();
  const parts: ProtocolParts<SignalrProtocol> = { name: "signalr", kinds: KINDS, ...dialects };
  return createLens<SignalrProtocol, Options, Session>(parts, handlers, options);
}

function createDialects(): Pick<ProtocolParts<SignalrProtocol>, SideName> {
  const cameAs = new WeakMap<SignalrMessage, string>();

  const dialect = (side: SideName): Dialect<never> => {
    const kindOf = (message: SignalrMessage) => {
      if ("type" in message) return KIND_OF[message.type] ?? "";
      return side === "client" ? "handshakeRequest" : "handshakeResponse";
    };
    const sendable: readonly string[] = [...KINDS[side], ...KINDS.both];
    const speaks: Dialect<SignalrMessage> = {
      read(context) {
        const { frame } = context;
        const body = textBody(context);
        const begun = lensState<Partial<Record<SideName, true>>>(context, () => ({}));
        const packets = splitRecords(body).map((text) => {
          // Where a policy before this one keeps the first message to itself, the handshake is a later one.
          const message = begun[side]
            ? readRecord(text)
            : readFirstRecord(text, side === "client", frame.sequence > 1);
          begun[side] = true;
          if (!sendable.includes(kindOf(message))) throw new TypeError(`${text} of a ${side}`);
          cameAs.set(message, text);
          return message;
        });
        return { packets };
      },
      kindOf,
      write: (messages, _context, asTheyCame) => {
        const written = messages.map((message) => {
          const came = asTheyCame.has(message) ? cameAs.get(message) : undefined;
          return came === undefined ? writeRecord(message) : endRecord(came);
        });
        return [written.join("")];
      },
      foreign: FOREIGN,
    };
    // That the side sends no others, `read` sees to.
    return speaks as Dialect<never>;
  };

  return { client: dialect("client"), server: dialect("server") };
}
