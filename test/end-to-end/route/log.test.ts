import test from "ava";
import type { RouteInput } from "../../../core/index.ts";
import { type LogRecord, startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer } from "../../support/peers/peers.ts";

const shout = `
  export const client = ({ content, log }) => {
    log.info("shouting"); log.warn("loudly");
    if (content.body === "no") return { drop: true, reply: ["dropped"] };
    return { content: { body: content.body.toUpperCase() }, append: content.body === "two" ? ["more"] : [] };
  };`;

for (const workers of [0, 1]) {
  const where = workers === 0 ? "in this process" : "from a worker process";

  test(`${where}: payloads are logged at the points that their route names, and nowhere else`, async (t) => {
    const { gateway, connect } = await start(t, workers, {
      policies: ["shout"],
      contentType: "text/plain",
      log: { payloads: ["fromClient", "toServer", "fromServer", "toClient"] },
    });
    const client = await connect("/logged");
    client.send("one");
    await client.next();
    client.send("two");
    await client.take(2);
    client.send("no");
    await client.next();
    (await connect("/quiet")).send("unheard");

    await gateway.logged(({ point, payload }) => point === "toClient" && payload === "dropped");
    const lines = linesOf(gateway);
    t.deepEqual(
      lines
        .filter(({ origin }) => origin === "client")
        .map(({ point, payload, outcome }) => [point, payload, outcome]),
      [
        ["fromClient", "one", "replaced"],
        ["toServer", "ONE", "replaced"],
        ["fromClient", "two", "replaced"],
        ["toServer", "TWO", "replaced"],
        ["toServer", "more", "replaced"],
        ["fromClient", "no", "dropped"],
        ["toClient", "dropped", "dropped"],
      ],
    );
    t.deepEqual(
      lines.filter(({ origin }) => origin === "server").map(({ point, payload }) => [point, payload]),
      ["ONE", "TWO", "more"].flatMap((text) => [
        ["fromServer", text],
        ["toClient", text],
      ]),
    );
    const started = await gateway.logged(
      ({ msg, route }) => msg === "session started" && route === "/logged",
    );
    for (const { client, server, durationMs, maskKey, origin } of lines) {
      t.deepEqual([client, server], [started.client, started.server]);
      t.is(typeof durationMs, "number");
      t.is(maskKey === null, origin === "server");
    }
  });
}

test("of a payload that is logged the secrets are hidden and the end is cut", async (t) => {
  const { gateway, connect } = await start(t, 0, { log: { payloads: ["fromClient"], payloadSize: 64 } });
  const client = await connect("/logged");
  client.send(JSON.stringify({ password: "hunter2", text: "x".repeat(100) }));
  await client.next();
  const line = await gateway.logged(({ msg }) => msg === "payload");
  t.like(line, { level: "info", route: "/logged", origin: "client", opcode: 1, isCut: true, length: 132 });
  t.regex(String(line.payload), /"text":"x+$/);
  t.false(JSON.stringify(gateway.log).includes("hunter2"));
});

test("access: false leaves out the lines of sessions and refusals, and nothing else", async (t) => {
  const { gateway, connect } = await start(t, 0, {
    policies: ["shout"],
    contentType: "text/plain",
    log: { access: false },
    subprotocols: { required: true, allow: ["a"] },
  });
  t.is((await refusedUpgrade(`${gateway.url}/logged`)).status, 400);
  const client = await connect("/logged", ["a"]);
  client.send("one");
  await client.next();
  client.close();
  await client.closed;
  const quiet = await connect("/quiet");
  quiet.close();
  await gateway.logged(({ msg, route }) => msg === "session ended" && route === "/quiet");
  t.deepEqual(messagesOf(gateway, "/logged"), ["shouting", "loudly"]);
});

test("level leaves out what is less severe, of the route alone", async (t) => {
  const { gateway, connect } = await start(t, 0, {
    policies: ["shout"],
    contentType: "text/plain",
    log: { level: "warn" },
  });
  const client = await connect("/logged");
  client.send("one");
  await client.next();
  client.close();
  await client.closed;
  (await connect("/quiet")).close();
  await gateway.logged(({ msg, route }) => msg === "session ended" && route === "/quiet");
  t.deepEqual(messagesOf(gateway, "/logged"), ["loudly"]);
});

async function start(t: Parameters<typeof startGateway>[0], workers: number, route: Partial<RouteInput>) {
  const context = t as Parameters<typeof connectClient>[0];
  const server = await startServer(context, undefined, { handleProtocols: () => "a" });
  const gateway = await startGateway(context, {
    policies: { "shout.ts": shout },
    config: { workers },
    routes: [
      { path: "/logged", upstream: server.url, ...route },
      { path: "/quiet", upstream: server.url },
    ],
  });
  const connect = (path: string, protocols: string[] = []) =>
    connectClient(context, gateway.url + path, { protocols });
  return { gateway, connect };
}

function linesOf({ log }: TestGateway): readonly LogRecord[] {
  return log.filter(({ msg }) => msg === "payload");
}

function messagesOf({ log }: TestGateway, name: string): readonly string[] {
  return log.filter(({ route }) => route === name).map(({ msg }) => msg);
}
