import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { isOriginAllowed } from "../../../../core/request/origin.ts";
import { describeRequest } from "../../../../core/request/request-context.ts";
import { forwardedFields, readSender } from "../../../../core/request/sender.ts";
import { beginSpan } from "../../../../core/request/trace-context.ts";
import { checkHandshake } from "../../../../core/upgrade/handshake.ts";
import { nearly, wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const RIGHT = [
  "GET /chat?a=1&a=2&__proto__=x HTTP/1.1\r\nHost: gate.example:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a.example\r\n",
  "Forwarded: for=192.0.2.1;host=b.example;proto=https\r\nX-Forwarded-For: 192.0.2.9, 10.0.0.1\r\n",
  "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
].join("");

const fields = fc
  .shuffledSubarray([
    ...["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"],
    ...[
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Content-Length: 0",
      "Host: b",
      "Origin: null",
      "Forwarded: for=x",
    ],
    ...[
      "X-Forwarded-For: 1.2.3.4, ::1",
      'Forwarded: for="[::1]:5";by=_x',
      "traceparent: 00-0-0-0",
      "Cookie: a=\u00ff",
    ],
  ])
  .map((lines) =>
    Buffer.from(["GET /a;b/%2e?x=%zz&x HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n"), "latin1"),
  );

const words = wordsOf(
  ...["GET / HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n", "Host: a\r\n", "Host: b\r\n", "Upgrade: websocket\r\n"],
  ...[
    "Connection: Upgrade\r\n",
    "Sec-WebSocket-Version: 13\r\n",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
  ],
  ...[
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Origin: null\r\n",
    " folded\r\n",
    ": x\r\n",
    "\r\n",
  ],
  ...["X-Forwarded-For: ", "Forwarded: ", "for=", '"', "[::1]", ";", ", ", "unknown", "%00", "\u00ff"],
).map((text) => Buffer.from(`GET / HTTP/1.1\r\n${text}\r\n\r\n`, "latin1"));

const server = createServer();
server.on("request", (request) => request.socket.emit("read", request));
server.on("upgrade", (request, socket) => socket.emit("read", request));
server.on("clientError", (_error, socket) => socket.emit("read", undefined));

/** The head as Node's parser gives it to the gateway; undefined for what is no request. */
function parse(head: Uint8Array): Promise<IncomingMessage | undefined> {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  return new Promise<IncomingMessage | undefined>((resolve) => {
    socket.on("read", resolve);
    socket.on("close", () => resolve(undefined));
    server.emit("connection", socket);
    socket.push(head);
    socket.push(null);
  }).finally(() => socket.destroy());
}

/** A request's head: what is read of it is text without line ends, and what servers are told of it can be sent. */
export const requestHead = defineTarget<Uint8Array>({
  name: "request-head",
  inputs: fc.oneof(nearly(fc.constant(Buffer.from(RIGHT)), 2), nearly(fields, 1), words),
  seeds: [Buffer.from(RIGHT)],
  runs: 200,
  async check(bytes) {
    const request = await parse(bytes);
    if (request === undefined) return "no request";
    const sender = readSender(request, request.socket, undefined);
    const fields = forwardedFields(sender, ["x-forwarded", "forwarded"], "ws");
    for (const [name, value] of fields) assert.doesNotMatch(value, /[\r\n\0]/, name);
    beginSpan(request.headersDistinct, 1);
    isOriginAllowed(request.headers.origin, sender, {
      allow: ["same", "https://*.example"],
      isRequired: true,
    });
    const context = describeRequest(request, sender, "/chat", {});
    assert.deepEqual(JSON.parse(JSON.stringify(context)), context);
    const handshake = checkHandshake(request);
    if (!handshake.ok) return `handshake ${handshake.status}`;
    assert.equal(Buffer.from(handshake.key, "base64").length, 16);
    return "handshake";
  },
});
