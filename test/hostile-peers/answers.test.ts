import test from "ava";
import { OPCODE } from "../../core/wire/frame.ts";
import { ask, upgradeHead } from "../support/peers/http.ts";
import { clientFrame, connectRaw, serverFrame } from "../support/peers/raw-client.ts";
import { type Answer, shareStage } from "./stage.ts";

/** Servers that answer an upgrade in every wrong way: the client gets a 502 or 504 that says nothing of it. */

const stage = shareStage(test);

const LINES = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
const head = (accept: string, ...more: readonly string[]): string =>
  `${[...LINES, `Sec-WebSocket-Accept: ${accept}`, ...more].join("\r\n")}\r\n\r\n`;

const says =
  (make: (accept: string) => string): Answer =>
  (socket, accept) =>
    socket.write(make(accept), "latin1");

const answers: Readonly<Record<string, Answer>> = {
  "a frame before the 101": says((accept) => `\x81\x05hello${head(accept)}`),
  "an empty line before the 101": says((accept) => `\r\n${head(accept)}`),
  "a field that is folded": says((accept) => head(accept, "X-Folded: a", " b")),
  "a field name with a blank behind it": says((accept) => head(accept, "X-Blank : a")),
  "a field without a colon": says((accept) => head(accept, "nothing")),
  "a NUL in a value": says((accept) => head(accept, "X-Nul: a\0b")),
  "two right accepts": says((accept) => head(accept, `Sec-WebSocket-Accept: ${accept}`)),
  "a wrong accept": says(() => head("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
  "an accept in small letters": says((accept) => head(accept.toLowerCase())),
  "an upgrade to two protocols": says((accept) => head(accept).replace("websocket", "websocket, h2c")),
  "no Upgrade": says((accept) => head(accept).replace("Upgrade: websocket\r\n", "")),
  "no Connection": says((accept) => head(accept).replace("Connection: Upgrade\r\n", "")),
  "a subprotocol that nobody offered": says((accept) => head(accept, "Sec-WebSocket-Protocol: chat")),
  "an extension that nobody offered": says((accept) =>
    head(accept, "Sec-WebSocket-Extensions: permessage-deflate"),
  ),
  "an unknown extension": says((accept) => head(accept, "Sec-WebSocket-Extensions: x-mux")),
  "a status of two digits": says(() => "HTTP/1.1 10 No\r\n\r\n"),
  "HTTP/2": says(() => "HTTP/2 101\r\n\r\n"),
  "what is no HTTP": says(() => "220 mail.test ESMTP\r\n\r\n"),
  "a head that is too large": says((accept) => head(accept, `X: ${"x".repeat(100_000)}`)),
  "a FIN in place of an answer": (socket) => socket.end(),
  "a FIN in the middle of the head": (socket) => socket.end("HTTP/1.1 101 Swi"),
  "a reset in place of an answer": (socket) => socket.resetAndDestroy(),
  "a reset in the middle of the head": (socket) =>
    socket.write("HTTP/1.1 101 Swi", () => setImmediate(() => socket.resetAndDestroy())),
};

for (const [title, answer] of Object.entries(answers)) {
  test(`${title}: 502, and the client hears nothing of it`, async (t) => {
    const path = stage.answering(answer);
    const { status, body } = await ask(t, stage.gateway.port, upgradeHead(path));
    t.is(status, 502);
    t.regex(body, /^502 Bad Gateway\nid: \S+\s*$/);
  });
}

const patience: Readonly<Record<string, Answer>> = {
  "a server that says nothing": () => {},
  "lines that end with LF alone": says((accept) => head(accept).replaceAll("\r\n", "\n")),
  "a server that never comes to an end, byte by byte": (socket) => {
    const slow = setInterval(() => socket.write("H"), 100);
    socket.on("close", () => clearInterval(slow));
    socket.write("HTTP/1.1 101 Switching Protocols\r\nX: ");
  },
  "a server that goes on saying that it will answer": (socket) => {
    const slow = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 50);
    socket.on("close", () => clearInterval(slow));
  },
};

for (const [title, answer] of Object.entries(patience)) {
  test(`${title}: 504 after handshakeTimeout`, async (t) => {
    const path = stage.answering(answer, "patience");
    t.is((await ask(t, stage.gateway.port, upgradeHead(path))).status, 504);
  });
}

const refusals: Readonly<Record<string, readonly [answer: string, status: number]>> = {
  "a refusal whose body is shorter than it says": ["HTTP/1.1 403 No\r\nContent-Length: 50\r\n\r\nshort", 403],
  "a refusal with a length that is none": ["HTTP/1.1 403 No\r\nContent-Length: x\r\n\r\nno", 403],
  "a refusal in chunks that are none": ["HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno", 403],
  "a success that is no 101": ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 502],
  "a redirect to nowhere": ["HTTP/1.1 302 Found\r\nLocation: \\\\\r\nContent-Length: 0\r\n\r\n", 302],
};

for (const [title, [answer, status]] of Object.entries(refusals)) {
  test(`${title}: ${status}, once, and whole for the client`, async (t) => {
    const path = stage.answering((socket) => socket.end(answer, "latin1"));
    const got = await ask(t, stage.gateway.port, upgradeHead(path));
    t.is(got.status, status);
    const length = got.headers.get("content-length");
    if (length !== undefined) t.is(Number(length), got.body.length);
    t.is(got.headers.get("transfer-encoding"), undefined);
  });
}

test("a wrong frame in the packet of the 101: the client gets the 101, and Close 1002", async (t) => {
  const path = stage.answering((socket, accept) => {
    socket.write(
      Buffer.concat([Buffer.from(head(accept)), serverFrame(OPCODE.text, "good"), Buffer.of(0x83, 0)]),
    );
  });
  const client = await connectRaw(t, stage.gateway.port, path);
  t.is(String((await client.next()).payload), "good");
  const told = await client.next();
  t.is(told.payload.readUInt16BE(0), 1002);
  client.write(clientFrame(OPCODE.close, told.payload.subarray(0, 2)));
  t.like(await stage.ended(path), { initiator: "server", cause: "protocol", code: 1002 });
});
