import { connect } from "node:net";
import { encodeFrame } from "../../core/wire/frame-encoder.ts";
import { createMaskKeys } from "../../core/wire/mask.ts";

const TEXT = 1;
const CLOSE = 8;
const maskKeys = createMaskKeys();
/** A message and a Close with 1000, the same bytes for all: masking them anew would cost more than all the rest. */
const frames = Buffer.concat([
  encodeFrame(TEXT, Buffer.from("message"), maskKeys),
  encodeFrame(CLOSE, Buffer.of(3, 232), maskKeys),
]);

/** Opens a session, sends a message, closes, and settles when the connection is gone. Rejects when it was not upgraded. */
export function runSession(port: number, path: string): Promise<void> {
  const head =
    `GET ${path} HTTP/1.1\r\nHost: leak\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", reject);
    socket.on("connect", () => socket.write(head));
    socket.on("data", (chunk) => {
      if (answer === "") socket.write(frames);
      answer += chunk.toString("latin1");
    });
    socket.on("close", () => {
      if (/^HTTP\/1\.1 101 /.test(answer) && answer.includes("message")) resolve();
      else reject(new Error(`no session: ${answer.slice(0, 200)}`));
    });
  });
}
