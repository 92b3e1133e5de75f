import { once } from "node:events";
import { connect } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { ConfigInput } from "../../../core/index.ts";
import { OPCODE } from "../../../core/wire/frame.ts";
import { runCommand } from "../../cli/in-process.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { openSocket, readAnswer, upgradeHead } from "../../support/peers/http.ts";
import { connectClient } from "../../support/peers/peers.ts";
import {
  clientFrame,
  connectRaw,
  type RawPeer,
  readHead,
  serverFrame,
  wrapRaw,
} from "../../support/peers/raw-client.ts";
import { startUpgradeServer, type UpgradeServer } from "../../support/servers/upgrade-server.ts";

type DrainInput = NonNullable<ConfigInput["drain"]>;

const unchanged = "export const client = () => {}; export const server = () => {};";

async function start(
  t: ExecutionContext,
  drain: DrainInput = { timeout: "30s" },
): Promise<{ gateway: TestGateway; server: UpgradeServer }> {
  const server = await startUpgradeServer(t);
  const gateway = await startGateway(t, {
    policies: { "unchanged.ts": unchanged },
    config: { drain },
    routes: [
      { path: "/spliced/*", upstream: server.url },
      { path: "/policy/*", upstream: server.url, policies: ["unchanged"] },
    ],
  });
  return { gateway, server };
}

async function openRaw(
  t: ExecutionContext,
  { gateway, server }: { gateway: TestGateway; server: UpgradeServer },
): Promise<{ client: RawPeer; server: RawPeer }> {
  const accepted = server.upgrade("/spliced/raw").then((upgrade) => upgrade.acceptRaw());
  return { client: await connectRaw(t, gateway.port, "/spliced/raw"), server: await accepted };
}

test("stop closes every session with 1001 on both legs, and settles", async (t) => {
  const { gateway, server } = await start(t);
  const paths = ["/spliced/a", "/spliced/b", "/policy/a", "/policy/b"];
  const pairs = await Promise.all(
    paths.map(async (path) => {
      const accepted = server.upgrade(path).then((upgrade) => upgrade.accept());
      return { client: await connectClient(t, gateway.url + path), server: await accepted };
    }),
  );
  for (const { client } of pairs) client.send("sent before the stop");
  for (const pair of pairs) t.is(await pair.server.next(), "sent before the stop");

  const stopped = gateway.stop();
  for (const { client, server: peer } of pairs) {
    t.deepEqual(await client.closed, { code: 1001, reason: "gateway is stopping" });
    t.deepEqual(await peer.closed, { code: 1001, reason: "gateway is stopping" });
  }
  await stopped;
  const ends = gateway.log.filter(({ msg }) => msg === "session ended");
  t.deepEqual(
    ends.map(({ initiator, code }) => [initiator, code]),
    paths.map(() => ["gateway", 1001]),
  );
});

test("stop waits for a frame to end before it says goodbye, and for the peers to answer", async (t) => {
  const { gateway, ...rest } = await start(t);
  const { client, server } = await openRaw(t, { gateway, ...rest });
  const frame = clientFrame(OPCODE.text, "cut in two");
  // When the ping is there, the gateway has also read the half frame that came with it.
  client.write(Buffer.concat([clientFrame(OPCODE.ping, ""), frame.subarray(0, 9)]));
  await server.next();
  const stopped = gateway.stop();
  t.is((await client.next()).payload.readUInt16BE(0), 1001);
  client.write(frame.subarray(9));
  t.is(String((await server.next()).payload), "cut in two");
  const goodbye = await server.next();
  t.is(goodbye.payload.readUInt16BE(0), 1001);

  server.write(serverFrame(OPCODE.close, goodbye.payload));
  client.write(clientFrame(OPCODE.close, goodbye.payload));
  t.deepEqual(await client.rest(), { frames: [], ended: "fin" });
  client.socket.end();
  server.socket.end();
  await t.notThrowsAsync(stopped);
});

test("peers that do not answer are cut off after the drain's timeout", async (t) => {
  const { gateway, ...rest } = await start(t, { timeout: "200ms" });
  const { client, server } = await openRaw(t, { gateway, ...rest });
  await gateway.stop();
  t.is((await client.rest()).frames.length, 1);
  t.is((await server.rest()).frames.length, 1);
});

test("while it stops, nobody new gets in", async (t) => {
  const { gateway, ...rest } = await start(t);
  const late = await openSocket(t, gateway.port);
  const [head, tail] = [upgradeHead("/spliced/late").slice(0, -2), "\r\n"];
  late.write(head);
  const { client, server } = await openRaw(t, { gateway, ...rest });
  const stopped = gateway.stop();
  await client.next();

  const refused = connect({ host: "127.0.0.1", port: gateway.port });
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  t.is(error.code, "ECONNREFUSED");
  late.write(tail);
  t.is((await readAnswer(late)).status, 503);

  client.socket.resetAndDestroy();
  server.socket.resetAndDestroy();
  await stopped;
});

test("an upgrade that is under way when the gateway stops ends with 1001 too", async (t) => {
  const { gateway, server } = await start(t);
  const socket = await openSocket(t, gateway.port);
  socket.write(upgradeHead("/spliced/slow"));
  const upgrade = await server.upgrade("/spliced/slow");
  const stopped = gateway.stop();
  upgrade.acceptRaw();
  const { rest } = await readHead(socket);
  t.is((await wrapRaw(socket, rest, false).next()).payload.readUInt16BE(0), 1001);
  socket.destroy();
  await stopped;
});

test("drain: at a rate nobody new gets in, and who has not had his turn goes on until he leaves", async (t) => {
  const { gateway, server } = await start(t, { rate: "1/h", jitter: 0, timeout: "30s" });
  const pairs = await Promise.all(
    ["/spliced/1", "/policy/2", "/spliced/3"].map(async (path) => {
      const accepted = server.upgrade(path).then((upgrade) => upgrade.accept());
      return { client: await connectClient(t, gateway.url + path), server: await accepted };
    }),
  );
  const stopped = gateway.stop();
  const first = await Promise.race(pairs.map(async (pair) => pair.client.closed.then(() => pair)));
  t.deepEqual(await first.client.closed, { code: 1001, reason: "gateway is stopping" });
  const refused = connect({ host: "127.0.0.1", port: gateway.port });
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  t.is(error.code, "ECONNREFUSED");
  for (const pair of pairs.filter((each) => each !== first)) {
    pair.client.send("still here");
    t.is(await pair.server.next(), "still here");
    pair.client.close();
  }
  await t.notThrowsAsync(stopped);
});

test("drain: the Closes have the code that is set and are spread, and sessions whose turn has not come go on", async (t) => {
  const { gateway, server } = await start(t, { code: 1012, spread: "3s", timeout: "30s", reconnect: "9s" });
  const paths = ["/spliced/1", "/policy/2", "/spliced/3"];
  const pairs = [];
  for (const path of paths) {
    const accepted = server.upgrade(path).then((upgrade) => upgrade.accept());
    pairs.push({ client: await connectClient(t, gateway.url + path), server: await accepted });
  }
  const [first, , last] = pairs;
  const stopped = gateway.stop();
  t.regex((await first!.client.closed).reason, /^gateway is stopping; retry-after=[0-9]\.[0-9]$/);
  last!.client.send("not yet");
  t.is(await last!.server.next(), "not yet");
  for (const { client } of pairs) t.is((await client.closed).code, 1012);
  await stopped;
  const ends = gateway.log.filter(({ msg }) => msg === "session ended");
  const [a, b, c] = ends.map(({ time }) => Date.parse(String(time)));
  t.true(b! - a! >= 700 && c! - b! >= 700, `a second lies between two: ${a}, ${b}, ${c}`);
});

test("drain: the end of the last session ends it, before the spread is over", async (t) => {
  const { gateway, server } = await start(t, { spread: "1h", timeout: "30s" });
  const pairs = [];
  for (const path of ["/spliced/1", "/spliced/2"]) {
    const accepted = server.upgrade(path).then((upgrade) => upgrade.accept());
    pairs.push({ client: await connectClient(t, gateway.url + path), server: await accepted });
  }
  const stopped = gateway.stop();
  await pairs[0]!.client.closed;
  pairs[1]!.client.close(1000, "of my own");
  await t.notThrowsAsync(stopped);
});

test("the console says that it is not ready as soon as it stops, while sessions are still open", async (t) => {
  const server = await startUpgradeServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url }],
    config: { console: { port: 0, token: false }, drain: { spread: "1h" } },
  });
  const ready = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${gateway.gateway.addresses.console!.port}/readyz`)).status;
  t.is(await ready(), 200);
  const clients = [];
  for (const path of ["/1", "/2"]) {
    const accepted = server.upgrade(path).then((upgrade) => upgrade.accept());
    clients.push(await connectClient(t, gateway.url + path));
    await accepted;
  }
  const stopped = gateway.stop();
  t.is(await ready(), 503);
  const url = `http://127.0.0.1:${gateway.gateway.addresses.console!.port}`;
  const { exitCode, stderr } = await runCommand(["health", "--ready", "--gateway", url]);
  t.deepEqual([exitCode, stderr], [1, `framegate: ${url}/readyz says 503: stopping\n`]);
  for (const client of clients) client.close(1000);
  await stopped;
});
