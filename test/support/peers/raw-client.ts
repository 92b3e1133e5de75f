import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ExecutionContext } from "ava";
import { RSV1 } from "../../../core/wire/frame.ts";
import { encodeFrame } from "../../../core/wire/frame-encoder.ts";
import { FrameScanner } from "../../../core/wire/frame-scanner.ts";
import { applyMask, createMaskKeys, turnKey } from "../../../core/wire/mask.ts";

export interface RawFrame {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** One end of a WebSocket connection over a bare socket: what it sends, it sends byte by byte if it likes. */
export interface RawPeer {
  readonly socket: Socket;
  write(bytes: Uint8Array): void;
  /** Each byte in a write of its own. */
  trickle(bytes: Uint8Array): Promise<void>;
  next(): Promise<RawFrame>;
  /** Frames that came until the FIN, or the reset. */
  rest(): Promise<{ readonly frames: readonly RawFrame[]; readonly ended: "fin" | "reset" }>;
}

/** Does the client's handshake by hand. Rejects when the answer is not a 101. */
export async function connectRaw(
  t: ExecutionContext,
  port: number,
  path: string,
  headers: readonly string[] = [],
): Promise<RawPeer & { readonly head: string }> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  await once(socket, "connect");
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: test",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const { head, rest } = await readHead(socket);
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(head);
  return { ...wrapRaw(socket, rest, false), head };
}

/** @param masked whether the frames that come in are masked: true on a server's side */
export function wrapRaw(socket: Socket, head: Buffer, masked: boolean): RawPeer {
  const frames: RawFrame[] = [];
  const takers: ((frame: RawFrame) => void)[] = [];
  const scanner = new FrameScanner({ masked, allowRsv1: true, maxMessageBytes: 2 ** 40 });
  let carry: Buffer = Buffer.alloc(0);
  let bytes = carry;
  let payload = carry;
  const sink = {
    onHeader() {
      payload = Buffer.alloc(scanner.length);
    },
    onPayload(from: number, to: number) {
      const { maskKey, position } = scanner;
      payload.set(bytes.subarray(from, to), position);
      applyMask(payload, position, position + to - from, turnKey(maskKey, position));
    },
    onFrameEnd() {
      const { fin, rsv1, opcode } = scanner;
      const frame = { fin, rsv1, opcode, payload };
      const taker = takers.shift();
      if (taker === undefined) frames.push(frame);
      else taker(frame);
    },
  };
  const ended = new Promise<"fin" | "reset">((resolve) => {
    socket.on("end", () => resolve("fin"));
    socket.on("error", () => resolve("reset"));
    socket.on("close", () => resolve("reset"));
  });
  const take = (chunk: Buffer): void => {
    bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const used = scanner.scan(bytes, sink);
    if (scanner.fault !== undefined)
      throw new Error(`the gateway sent a wrong frame: ${scanner.fault.reason}`);
    carry = Buffer.from(bytes.subarray(used));
  };
  if (head.length > 0) take(head);
  socket.on("data", take);

  return {
    socket,
    write: (data) => void socket.write(data),
    async trickle(data) {
      for (const byte of data) await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    },
    next() {
      const frame = frames.shift();
      return frame === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(frame);
    },
    async rest() {
      const how = await ended;
      return { frames: frames.splice(0), ended: how };
    },
  };
}

export async function readHead(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    if (end !== -1) return { head: bytes.toString("latin1", 0, end), rest: bytes.subarray(end + 4) };
  }
}

/** A frame as a client sends it, masked; `fin` and `rsv1` as wanted. */
export function clientFrame(
  opcode: number,
  payload: string | Uint8Array,
  { fin = true, rsv1 = false }: { fin?: boolean; rsv1?: boolean } = {},
): Buffer {
  const frame = encodeFrame(opcode | (rsv1 ? RSV1 : 0), Buffer.from(payload as string), createMaskKeys());
  if (!fin) frame.writeUInt8(frame.readUInt8(0) & 0x7f, 0);
  return frame;
}

/** A frame as a server sends it. */
export function serverFrame(
  opcode: number,
  payload: string | Uint8Array,
  { fin = true, rsv1 = false }: { fin?: boolean; rsv1?: boolean } = {},
): Buffer {
  const frame = encodeFrame(opcode | (rsv1 ? RSV1 : 0), Buffer.from(payload as string), undefined);
  if (!fin) frame.writeUInt8(frame.readUInt8(0) & 0x7f, 0);
  return frame;
}
