import type { JsonObject, MessageHookContext, Upgrade } from "framegate/policy";
import { createLens, type LensHooks, type LensOptions } from "../lib/lens.ts";
import type {
  AnySession,
  Dialect,
  LensHandlers,
  PacketOf,
  Passed,
  ProtocolParts,
  Reading,
  SideName,
} from "../lib/protocol.ts";
import { type AttachmentBook, openAttachmentBook } from "./attachments.ts";
import { decodePacketText, encodePackets, placesOf } from "./codec.ts";
import type {
  SocketIoAck,
  SocketIoAttachment,
  SocketIoConnect,
  SocketIoConnectError,
  SocketIoDisconnect,
  SocketIoEngine,
  SocketIoEvent,
  SocketIoPacket,
} from "./packets.ts";

export interface SocketIoProtocol {
  readonly client: Readonly<Record<never, never>>;
  readonly server: { readonly connectError: SocketIoConnectError };
  readonly both: {
    readonly connect: SocketIoConnect;
    readonly disconnect: SocketIoDisconnect;
    readonly event: SocketIoEvent;
    readonly ack: SocketIoAck;
    readonly attachment: SocketIoAttachment;
    readonly engine: SocketIoEngine;
  };
}

/** Socket.IO 3 and 4 (protocol 5) over Engine.IO 4, as far as it goes over WebSocket: read and written by their own parsers. */
export function socketIo<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<SocketIoProtocol, Options, Session>,
  options: LensOptions = {},
): LensHooks<Options, Session> {
  return createLens<SocketIoProtocol, Options, Session>(parts, handlers, options);
}

const upgrade: Upgrade = ({ request }) => {
  // Of several the server may take another one.
  const isOnly = (name: string, value: string) => {
    const { [name]: given = [] } = request.queryAll;
    return given.length === 1 && given[0] === value;
  };
  if (isOnly("EIO", "4") && isOnly("transport", "websocket")) return;
  return { reject: { status: 400, body: "Engine.IO 4 over WebSocket is expected" } };
};

/** A packet whose attachments follow. */
interface SocketIoReading extends Reading<SocketIoPacket> {
  readonly attachments?: number;
}

function speak(from: SideName): Dialect<SocketIoPacket> {
  return {
    read: (context) => readMessage(context, from),
    kindOf: ({ type }) => type,
    write: (packets, context) => packets.flatMap((packet) => writePacket(packet, context, from)),
    settle: (reading, passed, context) => settle(reading, passed, openAttachmentBook(context, from)),
    foreign: { code: 1002, reason: "parse error" },
  };
}

function readMessage(context: MessageHookContext, from: SideName): SocketIoReading {
  const { body } = context.content;
  const book = openAttachmentBook(context, from);
  const decoded = typeof body === "string" ? decodePacketText(body) : body;
  if (decoded instanceof Uint8Array) {
    const { of, index, isPassed, after } = book.take();
    if (!isPassed) return { packets: [], isPiece: true, after };
    return { packets: [{ type: "attachment", of, index, bytes: decoded }], after };
  }
  const { packet, attachments } = decoded;
  if (packet.type === "engine") return { packets: [packet] };
  if (book.isWaiting()) throw new TypeError("an attachment is to come");
  if (packet.type === "connectError" && from === "client")
    throw new TypeError("the server sends connectError");
  return { packets: [packet], attachments };
}

function writePacket(packet: SocketIoPacket, context: MessageHookContext, from: SideName) {
  if (context.frame.origin !== from && placesOf(packet).length > 0)
    throw new TypeError("a reply cannot have the attachments of the packet that it is to");
  const messages = encodePackets(packet);
  const isOfTheWay = packet.type === "attachment" || packet.type === "engine";
  return isOfTheWay ? messages : openAttachmentBook(context, from).queue(messages);
}

/** What is left of a packet says which of its attachments are to pass, when they come. */
function settle(
  { packets: [came], attachments = 0 }: SocketIoReading,
  { left, appended }: Passed<SocketIoPacket>,
  book: AttachmentBook,
): void {
  if (came === undefined) return;
  const [first] = left;
  if (came.type === "attachment") {
    if (first?.type === "attachment" && first.bytes instanceof Uint8Array) return;
    throw new TypeError("an attachment cannot be left out: leave it out of the packet that it belongs to");
  }
  const passing = first === came ? Array.from({ length: attachments }, (_, index) => index) : placesOf(first);
  const others = [...left.slice(1), ...appended];
  if (passing.some((index) => index >= attachments) || others.some((packet) => placesOf(packet).length > 0))
    throw new TypeError("an attachment goes with the packet that it has come with, and no other");
  if (passing.length > 0 && others.length > 0)
    throw new TypeError(
      "nothing can be appended to a packet whose attachments come behind it: append it to the last of these",
    );
  if (attachments > 0) book.expect(came.type === "ack" ? "ack" : "event", attachments, passing);
}

const parts: ProtocolParts<SocketIoProtocol> = {
  name: "socketIo",
  kinds: {
    client: [],
    server: ["connectError"],
    both: ["connect", "disconnect", "event", "ack", "attachment", "engine"],
  },
  upgrade,
  // What the server alone sends is not read of it.
  client: speak("client") as Dialect<PacketOf<SocketIoProtocol, "client">>,
  server: speak("server"),
};
