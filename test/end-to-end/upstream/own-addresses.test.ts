import test from "ava";
import { at } from "../../support/at.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer, type TestServer } from "../../support/peers/peers.ts";

let server: TestServer;
let gateway: TestGateway;
/** Of the console. */
let consolePort: number;

const allow = ["http://*:*", "https://*:*"];
const bring = (url: string) =>
  `export const route = { path: "/own", upstream: "${url}" };\nexport const client = () => {};\n`;

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (fn: () => unknown) => void teardowns.push(fn) };

test.before(async () => {
  server = await startServer(scope);
  gateway = await startGateway(scope, {
    policies: {
      "choose.ts": `export const upgrade = ({ request }) => ({ connect: request.query.to });`,
    },
    routes: [
      { path: "/to", upstream: server.url, policies: ["choose"], connect: { allow }, http: "proxy" },
      { path: "/localhost", upstream: { url: "http://localhost:1", redirects: 1 } },
    ],
    config: { console: { port: 0, token: false } },
  });
  consolePort = gateway.gateway.addresses.console?.port ?? 0;
});

test.after.always(async () => {
  for (const teardown of teardowns.reverse()) await teardown();
});

test("no connection leads to the console or a listener of the gateway, however it is spelt", async (t) => {
  const hosts = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "localhost",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
  ];
  for (const port of [consolePort, gateway.port]) {
    for (const url of [
      ...hosts.map((host) => `ws://${host}:${port}`),
      `wss://127.0.0.1:${port}`,
      `wss://localhost:${port}`,
    ]) {
      t.is((await refusedUpgrade(`${gateway.url}/to?to=${url}`)).status, 500, url);
      const answer = await fetch(`http://127.0.0.1:${gateway.port}/to?to=${url}/api/v1/info`);
      t.is(answer.status, 500, url);
    }
  }
  const refusal = gateway.log.filter(({ msg }) => msg.endsWith("refused"));
  t.regex(String(at(refusal, 0).detail), /is where this gateway itself listens, or its console/);
});

test("a server on the same machine is reached as ever", async (t) => {
  const client = await connectClient(t, `${gateway.url}/to?to=${server.url}`);
  client.send("m");
  t.is(await client.next(), "m");
});

test("a policy file brings no route to a server that the config does not know", async (t) => {
  const other = await startServer(t);
  await gateway.write("own.ts", bring(other.url));
  const { msg } = await gateway.logged(({ msg }) => /own\.ts has a problem/.test(msg));
  t.true(
    msg.includes(`route.upstream: expected a server that the config names or allows, got "${other.url}"`),
    msg,
  );
  t.is((await refusedUpgrade(`${gateway.url}/own`)).status, 404);

  await gateway.write("own.ts", bring(server.url));
  await gateway.logged(({ msg, policy }) => msg === "policy reloaded" && policy === "own");
  await gateway.gateway.reload();
  await connectClient(t, `${gateway.url}/own`);
});
