import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ConfigInput, type GatewayConfig, resolveConfig } from "../../../core/index.ts";
import { makeFolder } from "../../config/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, echo, startServer } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";

const count = `
  export const client = ({ session, content }) => {
    session.count = (session.count ?? 0) + 1;
    return { drop: true, reply: [session.count + " " + content.body] };
  };
`;

async function start(t: ExecutionContext, config: Partial<ConfigInput> = {}) {
  const server = await startServer(t, echo);
  const routes = [
    { path: "/echo", upstream: server.url },
    { path: "/count", upstream: server.url, policies: ["count"] },
  ];
  const gateway = await startGateway(t, { policies: { "count.ts": count }, routes, config });
  const configOf = (changes: Partial<ConfigInput>): GatewayConfig =>
    resolveConfig(
      {
        listen: [{ port: 0 }],
        console: false,
        workers: 0,
        policies: gateway.dir,
        drain: { timeout: "2s" },
        sandbox: { warmSpare: false },
        routes,
        ...config,
        ...changes,
      },
      { dir: gateway.dir },
    );
  return { gateway, routes, configOf };
}

/** Further listeners, each on a free port of an address of its own: told apart without a port that is known before. */
const [SECOND, THIRD] = ["127.0.0.2", "127.0.0.3"];

function portsOf({ gateway }: TestGateway): number[] {
  return gateway.addresses.listen.map(({ port }) => port);
}

async function talk(t: ExecutionContext, port: number, host = "127.0.0.1"): Promise<void> {
  const client = await connectClient(t, `ws://${host}:${port}/echo`);
  client.send("hello");
  t.is(await client.next(), "hello");
}

for (const workers of [0, 1, 2]) {
  test(`workers: ${workers}: new listeners open, one that stays stays, one that goes keeps its sessions`, async (t) => {
    const listen = [{ port: 0 }, { host: SECOND, port: 0 }];
    const { gateway, configOf } = await start(t, { workers, listen });
    const [a = 0, b = 0] = portsOf(gateway);
    const staying = await connectClient(t, `ws://127.0.0.1:${a}/echo`);
    const leaving = await connectClient(t, `ws://${SECOND}:${b}/echo`);

    await gateway.gateway.reload(configOf({ workers, listen: [{ port: 0 }, { host: THIRD, port: 0 }] }));
    const [still, c = 0] = portsOf(gateway);
    t.is(still, a);
    for (const client of [staying, leaving]) {
      client.send("still here");
      t.is(await client.next(), "still here");
    }
    await talk(t, a);
    await talk(t, c, THIRD);
    const refused = connect({ host: SECOND, port: b });
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    t.is(error.code, "ECONNREFUSED");
  });

  test(`workers: ${workers}: a listener that cannot be had leaves everything as it was`, async (t) => {
    const { gateway, configOf } = await start(t, { workers, listen: [{ port: 0 }] });
    const { port } = gateway;
    const blocker = createServer().listen(0, "127.0.0.1");
    t.teardown(() => blocker.close());
    await once(blocker, "listening");
    const { port: taken } = blocker.address() as { port: number };

    // Nobody has that port of all addresses, so the second address has it free.
    const newest = configOf({ workers, listen: [{ host: SECOND, port }, { port: taken }], routes: [] });
    const error = await t.throwsAsync(gateway.gateway.reload(newest), { code: "ERR_LISTEN" });
    t.true(error.message.includes(`127.0.0.1:${taken}: the port is in use`), error.message);
    t.false(error.message.includes(SECOND));
    t.deepEqual(portsOf(gateway), [port]);
    await talk(t, port);
    const refused = connect({ host: SECOND, port });
    t.is(((await once(refused, "error")) as [NodeJS.ErrnoException])[0].code, "ECONNREFUSED");
  });
}

test("a listener that stays gets its new settings without being closed: TLS comes and goes", async (t) => {
  const certificate = createCertificate();
  const dir = await makeFolder(t, { "a.crt": certificate.cert, "a.key": certificate.key });
  const tls = { certificates: [{ cert: join(dir, "a.crt"), key: join(dir, "a.key") }] };
  const { gateway, configOf } = await start(t, { listen: [{ port: 0 }] });
  const plain = await connectClient(t, `${gateway.url}/echo`);

  await gateway.gateway.reload(configOf({ listen: [{ port: 0, tls }] }));
  t.deepEqual(portsOf(gateway), [gateway.port], "the port that the system chose is still the one");
  const secure = await connectClient(t, `wss://127.0.0.1:${gateway.port}/echo`, {
    rejectUnauthorized: false,
  });
  await t.throwsAsync(connectClient(t, `${gateway.url}/echo`));

  await rm(join(dir, "a.crt"));
  const other = { certificates: [{ ...tls.certificates[0]!, names: ["x.test"] }] };
  await t.throwsAsync(gateway.gateway.reload(configOf({ listen: [{ port: 0, tls: other }] })), {
    code: "ERR_TLS",
    message: /listen\[0\]\.tls\.certificates\[0\]\.cert: .*a\.crt is not there/,
  });
  await connectClient(t, `wss://127.0.0.1:${gateway.port}/echo`, { rejectUnauthorized: false });

  await gateway.gateway.reload(configOf({ listen: [{ port: 0 }] }));
  await talk(t, gateway.port);
  for (const client of [plain, secure]) {
    client.send("all along");
    t.is(await client.next(), "all along");
  }
});

test("a listener that goes closes the connections that wait for a request", async (t) => {
  const { gateway, configOf } = await start(t, { listen: [{ port: 0 }, { host: SECOND, port: 0 }] });
  const idle = connect({ host: SECOND, port: portsOf(gateway)[1] ?? 0 });
  idle.write("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(idle, "data");
  const ended = once(idle, "end").then(() => "ended");
  await gateway.gateway.reload(configOf({ listen: [{ port: 0 }] }));
  t.is(await ended, "ended");
});

test("sessions of routes that did not change go on, with their state, when others come and go", async (t) => {
  const { gateway, routes, configOf } = await start(t);
  const spliced = await connectClient(t, `${gateway.url}/echo`);
  const counting = await connectClient(t, `${gateway.url}/count`);
  const say = async (text: string) => {
    counting.send(text);
    spliced.send(text);
    return [await counting.next(), await spliced.next()];
  };
  t.deepEqual(await say("before"), ["1 before", "before"]);
  await gateway.gateway.reload(configOf({ routes: [...routes, { ...routes[0]!, path: "/more" }] }));
  await connectClient(t, `${gateway.url}/more`);
  t.deepEqual(await say("between"), ["2 between", "between"]);
  await gateway.gateway.reload(configOf({}));
  await t.throwsAsync(connectClient(t, `${gateway.url}/more`));
  t.deepEqual(await say("after"), ["3 after", "after"]);
  t.is(gateway.log.filter(({ msg }) => msg === "session ended" || msg === "session started").length, 3);
});

test("what a reload does not take is named", async (t) => {
  const { gateway, configOf } = await start(t);
  await gateway.gateway.reload(
    configOf({
      workers: 3,
      sandbox: { warmSpare: false, messageTimeout: "60ms" },
      console: { port: 1 },
      policies: "/elsewhere",
      listen: [{ port: 0, backlog: 7 }],
    }),
  );
  const record = await gateway.logged(({ level }) => level === "warn");
  t.is(
    record.msg,
    "a change of console, workers, policiesDir, sandbox, listen[0].backlog takes effect at the next start",
  );
});
