import { decodePacket, encodePacket } from "engine.io-parser";
import { Decoder, Encoder, isPacketValid, PacketType, type Packet as ParserPacket } from "socket.io-parser";
import { bytesToBase64 } from "../lib/base64.ts";
import type { Written } from "../lib/protocol.ts";
import {
  SocketIoAttachmentPlace,
  type SocketIoEngine,
  type SocketIoPacket,
  type SocketIoTextPacket,
} from "./packets.ts";

/** As many as a packet may have: servers take ten, unless they are told otherwise. */
const MAX_ATTACHMENTS = 256;

/** A packet as the text of its message, and how many attachments follow. */
export interface DecodedPacketText {
  readonly packet: SocketIoTextPacket | SocketIoEngine;
  readonly attachments: number;
}

/** What is in a text message of Engine.IO; an attachment may come so, in base64. Throws at what is none. */
export function decodePacketText(text: string): DecodedPacketText | Uint8Array {
  const { type, data } = decodePacket(text, "arraybuffer");
  if (type === "error") throw new TypeError("no packet of Engine.IO");
  if (data instanceof ArrayBuffer) return asWritten(new Uint8Array(data), text);
  if (type === "message") return decodeSocketIo(data ?? "");
  return { packet: { type: "engine", packet: type, ...(data !== undefined && { data }) }, attachments: 0 };
}

/** Base64 that is not as it would be written is read in several ways: decoders leave out, or end at, what is none. */
function asWritten(bytes: Uint8Array, text: string): Uint8Array {
  if (asText(bytes) === text) return bytes;
  throw new TypeError("an attachment in base64 that is not as it is written");
}

function decodeSocketIo(text: string): DecodedPacketText {
  const isBinary = text.startsWith("5") || text.startsWith("6");
  const decoder = new Decoder({
    maxAttachments: MAX_ATTACHMENTS,
    ...(isBinary && { reviver: revivePlace }),
  });
  let decoded: ParserPacket | undefined;
  decoder.on("decoded", (packet) => {
    decoded = packet;
  });
  decoder.add(text);
  let attachments = 0;
  // It goes on with bytes, however many it waits for: their places have been taken.
  for (; decoded === undefined && attachments < MAX_ATTACHMENTS; attachments++) decoder.add(new Uint8Array());
  if (decoded === undefined || !isPacketValid(decoded)) throw new TypeError("no packet of Socket.IO");
  const packet = fromParser(decoded);
  if (placesOf(packet).some((index) => index >= attachments))
    throw new TypeError("an attachment that does not come");
  return { packet, attachments };
}

function revivePlace(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("_placeholder" in value)) return value;
  const num = "num" in value ? value.num : undefined;
  if (value._placeholder !== true || !Number.isInteger(num) || (num as number) < 0)
    throw new TypeError("no place of an attachment");
  return new SocketIoAttachmentPlace(num as number);
}

function fromParser({ type, nsp: namespace, data, id }: ParserPacket): SocketIoTextPacket {
  switch (type) {
    case PacketType.CONNECT:
      return { type: "connect", namespace, ...(data !== undefined && { data }) };
    case PacketType.CONNECT_ERROR:
      return { type: "connectError", namespace, data };
    case PacketType.DISCONNECT:
      return { type: "disconnect", namespace };
    case PacketType.EVENT:
    case PacketType.BINARY_EVENT: {
      const [name, ...args] = data;
      return { type: "event", namespace, name, args, ...(id !== undefined && { id }) };
    }
    case PacketType.ACK:
    case PacketType.BINARY_ACK:
      if (id === undefined) throw new TypeError("an answer to nothing");
      return { type: "ack", namespace, id, args: data };
  }
}

/** What is sent for it: a text, and behind that the bytes that it has itself. Throws at what is no packet. */
export function encodePackets(packet: SocketIoPacket): readonly Written[] {
  switch (packet.type) {
    case "attachment":
      return [packet.bytes];
    case "engine":
      return [encodeEngine(packet.packet, packet.data)];
    default:
      return encodeSocketIo(packet);
  }
}

function encodeSocketIo(packet: SocketIoTextPacket): readonly Written[] {
  const plain = toParser(packet);
  if (!isPacketValid(plain))
    throw new TypeError(`expected a packet of Socket.IO, got a wrong \`${packet.type}\``);
  const places = placesOf(packet);
  if (places.length > 0 && hasBytes(plain.data))
    throw new TypeError("a packet whose attachments come behind it cannot have bytes of its own as well");
  const encoder = new Encoder((_key, value) =>
    value instanceof SocketIoAttachmentPlace
      ? { _placeholder: true, num: places.indexOf(value.index) }
      : value,
  );
  const type = packet.type === "ack" ? PacketType.BINARY_ACK : PacketType.BINARY_EVENT;
  const [text, ...bytes] = encoder.encode(
    places.length > 0 ? { ...plain, type, attachments: places.length } : plain,
  );
  return [encodeEngine("message", text), ...bytes];
}

function toParser(packet: SocketIoTextPacket): ParserPacket {
  const { namespace: nsp } = packet;
  switch (packet.type) {
    case "connect":
      return { type: PacketType.CONNECT, nsp, data: packet.data };
    case "connectError":
      return { type: PacketType.CONNECT_ERROR, nsp, data: packet.data };
    case "disconnect":
      return { type: PacketType.DISCONNECT, nsp };
    case "event":
      return { type: PacketType.EVENT, nsp, data: [packet.name, ...packet.args], id: packet.id };
    case "ack":
      return { type: PacketType.ACK, nsp, data: [...packet.args], id: packet.id };
  }
}

function encodeEngine(type: SocketIoEngine["packet"] | "message", data: string | undefined): string {
  let text = "";
  // A text comes at once.
  encodePacket({ type, data }, true, (encoded) => {
    text = encoded;
  });
  return text;
}

/** The attachments that stand in the arguments of a packet, in the order in which they come. */
export function placesOf(packet: SocketIoPacket | undefined): readonly number[] {
  if (packet === undefined || !("args" in packet)) return [];
  const found = new Set<number>();
  visit(packet.args, (value) => value instanceof SocketIoAttachmentPlace && void found.add(value.index));
  return [...found].toSorted((a, b) => a - b);
}

function hasBytes(data: unknown): boolean {
  let found = false;
  visit(data, (value) => {
    found ||= ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  });
  return found;
}

function visit(value: unknown, look: (value: object) => unknown): void {
  if (typeof value !== "object" || value === null) return;
  look(value);
  if (ArrayBuffer.isView(value)) return;
  for (const each of Object.values(value)) visit(each, look);
}

/** Of a message as it goes where only text may: bytes in base64. */
export function asText(message: Written): string {
  return typeof message === "string" ? message : `b${bytesToBase64(message)}`;
}
