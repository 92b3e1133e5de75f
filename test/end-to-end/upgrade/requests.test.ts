import { once } from "node:events";
import test from "ava";
import { ask, openSocket, upgradeHead } from "../../support/peers/http.ts";
import { shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test);

test("a plain request where a route is gets 426, and is told what to upgrade to", async (t) => {
  const response = await fetch(`http://127.0.0.1:${relay.gateway.port}/spliced/x`);
  t.is(response.status, 426);
  t.is(response.headers.get("upgrade"), "websocket");
  t.is(response.headers.get("sec-websocket-version"), "13");
});

test("a plain request elsewhere gets 404", async (t) => {
  t.is((await fetch(`http://127.0.0.1:${relay.gateway.port}/nowhere`)).status, 404);
});

test("an upgrade where no route is gets 404", async (t) => {
  const { status } = await ask(t, relay.gateway.port, upgradeHead("/nowhere"));
  t.is(status, 404);
});

for (const path of [
  "/spliced/%2e%2e/b",
  "/spliced/../b",
  "/spliced/%zz",
  "/spliced/%ff",
  "/spliced/a%5cb",
  "/%2E/spliced/x",
  "/spliced//b",
  "/spliced/a%2f..%2fb",
  "/spliced/a%00",
  "/spliced?transport=polling#",
]) {
  test(`${path} gets 400`, async (t) => {
    const answer = await ask(t, relay.gateway.port, upgradeHead(path));
    t.is(answer.status, 400);
    const record = await relay.gateway.logged((each) => each.id === idOf(answer.body));
    t.like(record, { msg: "upgrade refused", code: "ERR_BAD_PATH", status: 400 });
    const plain = `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`;
    t.is((await ask(t, relay.gateway.port, plain)).status, 400);
  });
}

const wrong: Readonly<Record<string, { changes: Record<string, string>; status: number }>> = {
  "a missing key": { changes: { "Sec-WebSocket-Key": "" }, status: 400 },
  "a key that is not base64": { changes: { "Sec-WebSocket-Key": "not base64 not base64 no" }, status: 400 },
  "a key of 15 bytes": { changes: { "Sec-WebSocket-Key": Buffer.alloc(15).toString("base64") }, status: 400 },
  "a key of 17 bytes": { changes: { "Sec-WebSocket-Key": Buffer.alloc(17).toString("base64") }, status: 400 },
  "version 8": { changes: { "Sec-WebSocket-Version": "8" }, status: 426 },
  "no version": { changes: { "Sec-WebSocket-Version": "" }, status: 426 },
  "another protocol": { changes: { Upgrade: "h2c" }, status: 426 },
  "extensions that cannot be parsed": {
    changes: { "Sec-WebSocket-Extensions": 'permessage-deflate; x="' },
    status: 400,
  },
};

for (const [name, { changes, status }] of Object.entries(wrong)) {
  test(`${name}: ${status}`, async (t) => {
    const answer = await ask(t, relay.gateway.port, upgradeHead("/spliced/x", changes));
    t.is(answer.status, status);
    if (status === 426) t.is(answer.headers.get("sec-websocket-version"), "13");
    const record = await relay.gateway.logged((each) => each.id === idOf(answer.body));
    t.like(record, { msg: "upgrade refused", code: "ERR_BAD_HANDSHAKE", status, level: "info" });
  });
}

test("a method other than GET gets 405", async (t) => {
  const path = relay.path("spliced");
  const answer = await ask(t, relay.gateway.port, upgradeHead(path, {}, `POST ${path} HTTP/1.1`));
  t.is(answer.status, 405);
  t.is(answer.headers.get("allow"), "GET");
});

test("HTTP/1.0 cannot upgrade", async (t) => {
  const path = relay.path("spliced");
  const answer = await ask(t, relay.gateway.port, upgradeHead(path, {}, `GET ${path} HTTP/1.0`));
  t.true([400, 426].includes(answer.status), String(answer.status));
});

test("what the client is told is a status and an id, the details are in the log", async (t) => {
  const answer = await ask(t, relay.gateway.port, upgradeHead("/nowhere/secret"));
  t.regex(answer.body, /^404 Not Found\nid: \S+\n$/);
  const record = await relay.gateway.logged((each) => each.id === idOf(answer.body));
  t.like(record, { code: "ERR_NO_ROUTE", path: "/nowhere/secret", detail: "no route for /nowhere/secret" });
});

test("a refused connection is closed, whatever its client does", async (t) => {
  const socket = await openSocket(t, relay.gateway.port);
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(upgradeHead("/nowhere"));
  socket.resume();
  await once(socket, "end");
  // The client keeps its side open, and writes: a socket that is closed answers that with a reset.
  const writing = setInterval(() => socket.write("still here"), 20);
  await closed;
  clearInterval(writing);
  t.pass();
});

test("a handshake that comes byte by byte, its frames behind it, is a handshake", async (t) => {
  const path = relay.path("spliced");
  const socket = await openSocket(t, relay.gateway.port);
  const accepted = relay.server.upgrade(path).then((upgrade) => upgrade.accept());
  for (const byte of Buffer.from(upgradeHead(path))) {
    await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
  }
  await accepted;
  const [head] = (await once(socket, "data")) as [Buffer];
  t.regex(String(head), /^HTTP\/1.1 101 /);
  socket.end();
});

function idOf(body: string): string {
  return /^id: (\S+)$/m.exec(body)?.[1] ?? "no id";
}
