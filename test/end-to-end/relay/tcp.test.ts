import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame as fromClient, serverFrame as fromServer } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test, {
  routes: (upstream) => [{ path: "/hurried/*", upstream, closeTimeout: "300ms" }],
});

for (const mode of modes) {
  test(`${mode}: a client's FIN without Close reaches the server as that`, async (t) => {
    const { client, server, path } = await relay.openRaw(t, mode);
    client.socket.end(fromClient(OPCODE.text, "last words"));
    t.is(String((await server.next()).payload), "last words");
    t.deepEqual(await server.rest(), { frames: [], ended: "fin" });
    server.socket.end();
    t.deepEqual(await client.rest(), { frames: [], ended: "fin" });
    const end = await relay.ended(path);
    t.like(end, { initiator: "client", code: 1006, reason: "", cause: "vanished" });
    t.deepEqual(end.messages, { client: 1, server: 0 });
  });

  test(`${mode}: a server's FIN without Close reaches the client as that`, async (t) => {
    const { client, server, path } = await relay.openRaw(t, mode);
    server.socket.end(fromServer(OPCODE.text, "last words"));
    t.is(String((await client.next()).payload), "last words");
    t.deepEqual(await client.rest(), { frames: [], ended: "fin" });
    client.socket.end();
    t.deepEqual(await server.rest(), { frames: [], ended: "fin" });
    t.like(await relay.ended(path), { initiator: "server", code: 1006, reason: "" });
  });

  test(`${mode}: \`ws\` sees 1006 on either side`, async (t) => {
    const first = await relay.open(t, mode);
    first.client.socket.end();
    t.is((await first.server.closed).code, 1006);
    const second = await relay.open(t, mode);
    second.server.socket.end();
    t.is((await second.client.closed).code, 1006);
  });

  test(`${mode}: a client that has ended its side still gets the answers to what it sent`, async (t) => {
    const { client, server, path } = await relay.openRaw(t, mode);
    const questions = ["one", "two", "three"];
    client.socket.end(Buffer.concat(questions.map((text) => fromClient(OPCODE.text, text))));
    t.is((await server.rest()).frames.length, 3);
    for (const text of questions) {
      server.write(fromServer(OPCODE.text, `answer to ${text}`));
      t.is(String((await client.next()).payload), `answer to ${text}`);
    }
    server.socket.end();
    t.deepEqual(await client.rest(), { frames: [], ended: "fin" });
    t.deepEqual((await relay.ended(path)).messages, { client: 3, server: 3 });
  });

  for (const from of ["client", "server"] as const) {
    test(`${mode}: a reset by the ${from} reaches the other end as a reset`, async (t) => {
      const { path, ...pair } = await relay.openRaw(t, mode);
      const other = from === "client" ? pair.server : pair.client;
      pair[from].socket.resetAndDestroy();
      t.deepEqual(await other.rest(), { frames: [], ended: "reset" });
      t.like(await relay.ended(path), { initiator: from, code: 1006 });
    });

    test(`${mode}: a reset by the ${from} after its Close ends the session`, async (t) => {
      const { path, ...pair } = await relay.openRaw(t, mode);
      const frame = from === "client" ? fromClient : fromServer;
      const other = from === "client" ? pair.server : pair.client;
      pair[from].write(frame(OPCODE.close, Buffer.of(0x03, 0xe8)));
      await other.next();
      pair[from].socket.resetAndDestroy();
      await other.rest();
      t.like(await relay.ended(path), { initiator: from, code: 1000 });
    });
  }

  test(`${mode}: a cut in the middle of a frame ends the session`, async (t) => {
    const { client, server, path } = await relay.openRaw(t, mode);
    const whole = fromClient(OPCODE.text, "x".repeat(1000));
    client.socket.end(whole.subarray(0, 500));
    t.deepEqual(await server.rest(), { frames: [], ended: "fin" });
    server.socket.end();
    t.like(await relay.ended(path), { initiator: "client", code: 1006, messages: { client: 0, server: 0 } });
  });
}

test("a leg that never ends its side is cut off after closeTimeout", async (t) => {
  const { client, server, path } = await relay.openRaw(t, "hurried");
  client.socket.end();
  t.is((await server.rest()).ended, "fin");
  await relay.ended(path);
  t.is((await client.rest()).ended, "fin");
});

test("the log says who was connected, with whom, how long, how much, and who ended it", async (t) => {
  const { client, server, path } = await relay.open(t, "spliced");
  client.send("12345");
  await server.next();
  server.send("123");
  await client.next();
  server.close(4000, "enough");
  await client.closed;
  const end = await relay.ended(path);
  t.like(end, {
    level: "info",
    route: "/spliced/*",
    initiator: "server",
    code: 4000,
    reason: "enough",
    messages: { client: 1, server: 1 },
    bytes: { client: 5, server: 3 },
  });
  t.regex(String(end.client), /^127\.0\.0\.1:\d+$/);
  t.is(end.server, `ws://127.0.0.1:${relay.server.port}${path}`);
  t.is(typeof end.durationMs, "number");
});
