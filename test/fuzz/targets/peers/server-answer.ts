import assert from "node:assert/strict";
import fc from "fast-check";
import { endToEnd, formatHead } from "../../../../core/net/headers.ts";
import { negotiate } from "../../../../core/upgrade/compression.ts";
import { acceptKey } from "../../../../core/upgrade/handshake.ts";
import { checkAnswer } from "../../../../core/upgrade/server-handshake.ts";
import { findHeadEnd, parseResponseHead } from "../../../../core/upstream/dial/response-head.ts";
import { nearly, wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const OFFER = "permessage-deflate; client_max_window_bits";
const CONFIG = {
  legs: { client: true, server: true },
  clientContextTakeover: true,
  serverContextTakeover: true,
  clientMaxWindowBits: 15,
  serverMaxWindowBits: 15,
  minBytes: 0,
  maxRatio: 0,
};
const RIGHT = [
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
  `Sec-WebSocket-Accept: ${acceptKey(KEY)}\r\nSec-WebSocket-Protocol: chat\r\n`,
  "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\nSet-Cookie: a=1\r\n\r\n",
].join("");

const words = wordsOf(
  ...[
    "HTTP/1.1 101 OK\r\n",
    "HTTP/1.0 200\r\n",
    "HTTP/1.1 999 x\r\n",
    "Upgrade: websocket\r\n",
    "connection: upgrade\r\n",
  ],
  ...[
    `Sec-WebSocket-Accept: ${acceptKey(KEY)}\r\n`,
    "Sec-WebSocket-Protocol: other\r\n",
    "Content-Length: -1\r\n",
  ],
  ...["a:b\r\n", " folded: 1\r\n", "a :b\r\n", "\r\n", "\r", "\n", "\0", "\t"],
).map((text) => Buffer.from(text, "latin1"));

/** A server's answer to an upgrade: what goes on to the client is a head of as many lines as fields. */
export const serverAnswer = defineTarget<Uint8Array>({
  name: "server-answer",
  inputs: fc.oneof(nearly(fc.constant(Buffer.from(RIGHT)), 2), words),
  seeds: [Buffer.from(RIGHT)],
  runs: 800,
  check(input) {
    const bytes = Buffer.from(input);
    const end = findHeadEnd(bytes);
    if (end === -1) return "no end";
    const head = parseResponseHead(bytes.toString("latin1", 0, end - 4));
    if (head === undefined) return "no head";
    const fields = endToEnd(head.headers);
    const lines = formatHead("HTTP/1.1 101 Switching Protocols", fields).split(/\r\n|\r|\n/);
    assert.equal(lines.length, fields.length + 3, "a field became a line of its own");
    const negotiation = negotiate(OFFER, CONFIG, false);
    const checked = checkAnswer(KEY, { head }, "chat, v2", negotiation);
    return typeof checked === "string" ? (checked.split(":", 1)[0] ?? "") : "agreed";
  },
});
