/**
 * An echo server that costs little, so that what is measured is the gateway: it answers a whole read at once. A message such as
 * {"push":32,"bytes":64,"isBinary":false} it answers with so many messages of so many bytes.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptKey } from "../core/upgrade/handshake.ts";
import { encodeFrame } from "../core/wire/frame-encoder.ts";
import { FrameScanner } from "../core/wire/frame-scanner.ts";
import { applyMask, turnKey } from "../core/wire/mask.ts";
import { makeMessage } from "./load/message.ts";

const PUSH = '{"push":';
interface Asked {
  readonly push: number;
  readonly bytes: number;
  readonly isBinary: boolean;
}
/** What was asked for last, and the frames that answer it: all connections ask for the same. */
let pushed = { asked: "", frames: Buffer.alloc(0) };

function framesFor(asked: string): Buffer {
  if (pushed.asked !== asked) {
    const { push, bytes, isBinary } = JSON.parse(asked) as Asked;
    const frame = encodeFrame(isBinary ? 2 : 1, Buffer.from(makeMessage(bytes)), undefined);
    pushed = { asked, frames: Buffer.concat(Array.from({ length: push }, () => frame)) };
  }
  return pushed.frames;
}

const server = createServer();
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"] ?? "";
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
  );
  const scanner = new FrameScanner({ masked: true, allowRsv1: false, maxMessageBytes: 2 ** 30 });
  let carry: Buffer = Buffer.alloc(0);
  let bytes = carry;
  let payload = carry;
  let answers: Buffer[] = [];
  const sink = {
    onHeader() {
      payload = Buffer.allocUnsafe(scanner.length);
    },
    onPayload(from: number, to: number) {
      const { maskKey, position } = scanner;
      payload.set(bytes.subarray(from, to), position);
      applyMask(payload, position, position + to - from, turnKey(maskKey, position));
    },
    onFrameEnd() {
      const isAsked = payload.length < 200 && payload.toString("latin1", 0, PUSH.length) === PUSH;
      answers.push(isAsked ? framesFor(payload.toString()) : encodeFrame(scanner.opcode, payload, undefined));
    },
  };
  socket.on("data", (chunk: Buffer) => {
    bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const used = scanner.scan(bytes, sink);
    carry = Buffer.from(bytes.subarray(used));
    socket.write(Buffer.concat(answers));
    answers = [];
  });
  socket.on("end", () => socket.end());
  socket.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
