import test, { type ExecutionContext } from "ava";
import { connectClient, refusedUpgrade, startServer } from "../support/peers/peers.ts";
import { startSample } from "../support/sample.ts";

const origin = "https://app.example.com";

async function start(t: ExecutionContext, changes: Readonly<Record<string, string>> = {}) {
  const server = await startServer(t, (socket) => {
    socket.on("message", (text) =>
      socket.send(JSON.stringify({ asked: JSON.parse(String(text)), depth: 3 })),
    );
  });
  const replace = { "127.0.0.1:3000": `127.0.0.1:${server.port}`, ...changes };
  const [port] = await startSample(t, "migrating-from-api-gateway", { replace });
  return { server, host: `127.0.0.1:${port}` };
}

test("samples/migrating-from-api-gateway: upgrade, client and server policies", async (t) => {
  const { server, host } = await start(t);
  const url = `ws://${host}/quotes/ACME`;
  const ask = async (key: string) => {
    const headers = { "x-api-key": key, "accept-language": "de" };
    const client = await connectClient(t, url, { origin, headers });
    client.send('{"side":"buy"}');
    return client.nextJson();
  };
  const asked = { side: "buy", language: "de" };
  t.deepEqual(await ask("premium-1"), { asked, depth: 3 });
  t.deepEqual(await ask("basic-1"), { asked });
  const [request] = server.requests;
  t.is(request!.url, "/v1/quotes/ACME");
  t.is(request!.headers["x-api-key"], undefined);
  t.is((await refusedUpgrade(url, { origin })).status, 401);
  const stranger = { origin: "https://evil.example", headers: { "x-api-key": "premium-1" } };
  t.is((await refusedUpgrade(url, stranger)).status, 403);
});

test("samples/migrating-from-api-gateway: CORS", async (t) => {
  const { host } = await start(t);
  const headers = { origin, "access-control-request-method": "POST" };
  const preflight = await fetch(`http://${host}/quotes/ACME`, { method: "OPTIONS", headers });
  t.is(preflight.status, 204);
  t.is(preflight.headers.get("access-control-allow-origin"), origin);
  t.is(preflight.headers.get("access-control-allow-methods"), "GET, POST");
  t.is(preflight.headers.get("access-control-max-age"), "3600");
});

for (const [option, reason] of [
  ['expire: "1h"', "expired"],
  ['idle: "5m"', "idle"],
] as const) {
  test(`samples/migrating-from-api-gateway: ${option}, in less time`, async (t) => {
    const { host } = await start(t, { [option]: option.replace(/"\w+"/, '"100ms"') });
    const headers = { "x-api-key": "basic-1" };
    const client = await connectClient(t, `ws://${host}/quotes/ACME`, { origin, headers });
    t.deepEqual(await client.closed, { code: 1001, reason });
  });
}
