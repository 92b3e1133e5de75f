import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { encodeFrame } from "../../core/wire/frame-encoder.ts";
import { FrameScanner } from "../../core/wire/frame-scanner.ts";
import { createMaskKeys } from "../../core/wire/mask.ts";

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  /** Messages on their way on each connection. */
  readonly inFlight: number;
  readonly messageBytes: number;
  /** What the policy adds to each message; checked. */
  readonly added: string;
}

export interface Load {
  /** Messages that came back since the start. */
  count(): number;
  close(): void;
}

/** Keeps so many JSON messages in flight: each that comes back sends the next. Rejects when an echo is wrong. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const message = Buffer.from(makeMessage(options.messageBytes));
  const expectedBytes = message.length + options.added.length;
  const maskKeys = createMaskKeys();
  let count = 0;
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, () => open(options.port, options.path)),
  );
  for (const socket of sockets) {
    const scanner = new FrameScanner({ masked: false, allowRsv1: false, maxMessageBytes: 2 ** 30 });
    let carry: Buffer = Buffer.alloc(0);
    let back = 0;
    const sink = {
      onHeader() {
        if (scanner.length !== expectedBytes)
          throw new Error(`an echo of ${scanner.length} bytes, not ${expectedBytes}`);
      },
      onPayload() {},
      onFrameEnd() {
        back++;
      },
    };
    socket.on("data", (chunk) => {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const used = scanner.scan(bytes, sink);
      carry = Buffer.from(bytes.subarray(used));
      if (back === 0) return;
      count += back;
      socket.write(frames(back));
      back = 0;
    });
    socket.write(frames(options.inFlight));
  }
  return {
    count: () => count,
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };

  function frames(howMany: number): Buffer {
    return Buffer.concat(Array.from({ length: howMany }, () => encodeFrame(1, message, maskKeys)));
  }
}

function makeMessage(bytes: number): string {
  const empty = JSON.stringify({ seq: 100000, text: "" });
  return JSON.stringify({ seq: 100000, text: "x".repeat(Math.max(0, bytes - empty.length)) });
}

function open(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("data", (head: Buffer) => {
      if (head.toString("latin1").startsWith("HTTP/1.1 101")) resolve(socket);
      else reject(new Error(`refused: ${head.toString("latin1").split("\r\n")[0]}`));
    });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-User: alice\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
  });
}
