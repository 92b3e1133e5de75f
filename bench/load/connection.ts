import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { OPCODE } from "../../core/wire/frame.ts";
import { FrameScanner } from "../../core/wire/frame-scanner.ts";
import { USER_HEADER } from "./message.ts";

export interface Target {
  readonly port: number;
  readonly path: string;
}

export interface Connection {
  write(bytes: Uint8Array): void;
  /** Without a word: what comes of it is nobody's fault. */
  destroy(): void;
}

export interface ConnectionEvents {
  /** Messages that came with one read. */
  onMessages(count: number): void;
  /** It was not the one who opened it that ended it, or a message has another length. */
  onFailure(error: Error): void;
  /** It is closed, by whomever. */
  onClose?(): void;
}

/**
 * A client's end of a WebSocket, as cheap as Node has it: it counts what comes, and looks at the length only.
 *
 * @param messageBytes each message must have; undefined: any
 */
export function openConnection(
  target: Target,
  messageBytes: number | undefined,
  events: ConnectionEvents,
): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const scanner = new FrameScanner({ masked: false, allowRsv1: false, maxMessageBytes: 2 ** 30 });
  let isUpgraded = false;
  let isOver = false;
  let carry = empty;
  let scanned = empty;
  let messages = 0;
  let closeReason = "";
  const fail = (error: Error): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    if (isUpgraded) events.onFailure(error);
    else reject(error);
  };
  const sink = {
    onHeader() {
      const { opcode, fin, length } = scanner;
      if (opcode <= OPCODE.binary && fin && messageBytes !== undefined && length !== messageBytes)
        fail(new Error(`a message of ${length} bytes, not ${messageBytes}`));
    },
    onPayload(start: number, end: number) {
      if (scanner.opcode === OPCODE.close)
        closeReason += Buffer.from(scanned.subarray(start, end)).toString("latin1");
    },
    onFrameEnd() {
      if (scanner.opcode <= OPCODE.binary && scanner.fin) messages++;
      if (scanner.opcode === OPCODE.close) fail(new Error(describeClose(closeReason)));
    },
  };
  const socket = connect({
    port: target.port,
    host: "127.0.0.1",
    noDelay: true,
    // All sockets read into one buffer: what it holds is done with when the callback returns.
    onread: {
      buffer: readBuffer,
      callback(size) {
        const chunk = readBuffer.subarray(0, size);
        const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
        if (isUpgraded) takeFrames(bytes);
        else takeHead(bytes);
        return true;
      },
    },
  });
  socket.setTimeout(UPGRADE_MS, () => fail(new Error(`no answer to the upgrade in ${UPGRADE_MS} ms`)));
  socket.on("error", fail);
  socket.on("end", () => fail(new Error("the connection was ended")));
  socket.on("close", () => {
    fail(new Error("the connection was closed"));
    events.onClose?.();
  });
  socket.write(requestFor(target.path));
  return promise;

  function takeHead(bytes: Buffer): void {
    const text = Buffer.from(bytes).toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) {
      carry = Buffer.from(bytes);
      return;
    }
    if (!text.startsWith("HTTP/1.1 101")) return fail(new Error(`refused: ${text.split("\r\n")[0]}`));
    isUpgraded = true;
    socket.setTimeout(0);
    carry = empty;
    resolve({
      write: (frames) => socket.write(frames),
      destroy() {
        isOver = true;
        socket.destroy();
      },
    });
    if (end + 4 < bytes.length) takeFrames(bytes.subarray(end + 4));
  }

  function takeFrames(bytes: Buffer): void {
    scanned = bytes;
    const used = scanner.scan(bytes, sink);
    if (scanner.fault !== undefined) return fail(new Error(`a wrong frame: ${scanner.fault.reason}`));
    carry = used === bytes.length ? empty : Buffer.from(bytes.subarray(used));
    if (messages === 0 || isOver) return;
    const count = messages;
    messages = 0;
    events.onMessages(count);
  }
}

const UPGRADE_MS = 30_000;
const empty: Buffer = Buffer.alloc(0);
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/** @param payload of the Close frame, a character a byte */
function describeClose(payload: string): string {
  const code = payload.length < 2 ? 1005 : Buffer.from(payload, "latin1").readUInt16BE(0);
  return `closed by the other side with ${code}${payload.length > 2 ? `: ${payload.slice(2)}` : ""}`;
}

function requestFor(path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${USER_HEADER}\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`
  );
}
