import { once } from "node:events";
import type { AddressInfo } from "node:net";
import test from "ava";
import { startChat } from "../../samples/browser-origins/server.ts";
import { connectClient, refusedUpgrade } from "../support/peers/peers.ts";
import { startSample } from "../support/sample.ts";

const origin = "http://localhost:5173";
const cookie = "user=ada";
const protocols = ["chat.v1", "chat.v2"];

test("samples/browser-origins: pages of the allowed origins connect, and read answers; others do not", async (t) => {
  const server = startChat(0);
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const replace = { "127.0.0.1:3000": `127.0.0.1:${(server.address() as AddressInfo).port}` };
  const [port] = await startSample(t, "browser-origins", { replace });
  const chat = `ws://127.0.0.1:${port}/chat`;
  const connect = (from: string, offered = protocols) =>
    connectClient(t, chat, { origin: from, headers: { cookie }, protocols: offered });

  const client = await connect(origin);
  t.is(client.ws.protocol, "chat.v2");
  client.send("hello");
  t.is(await client.next(), "ada: hello");
  t.is((await connect("https://shop.example.com", ["chat.v1"])).ws.protocol, "chat.v1");
  t.is((await connect(`http://127.0.0.1:${port}`)).ws.protocol, "chat.v2");
  for (const from of [
    "https://evil.example",
    "http://localhost:5174",
    "https://example.com.evil.org",
    "null",
  ]) {
    await t.throwsAsync(connect(from), { message: /403/ }, from);
  }
  t.is((await refusedUpgrade(chat, { headers: { cookie } })).status, 403);
  await t.throwsAsync(connect(origin, ["chat.v9"]), { message: /400/ });
  await t.throwsAsync(connectClient(t, chat, { origin, protocols }), { message: /401/ });

  const history = `http://127.0.0.1:${port}/history`;
  const read = await fetch(history, { headers: { origin, cookie } });
  t.deepEqual(await read.json(), ["ada: hello"]);
  t.is(read.headers.get("access-control-allow-origin"), origin);
  t.is(read.headers.get("access-control-allow-credentials"), "true");
  const preflight = (from: string) =>
    fetch(history, {
      method: "OPTIONS",
      headers: { origin: from, "access-control-request-method": "DELETE" },
    });
  t.is((await preflight(origin)).headers.get("access-control-allow-methods"), "GET, DELETE");
  t.is((await preflight("https://evil.example")).headers.get("access-control-allow-origin"), null);
  t.is((await fetch(history, { headers: { origin: "https://evil.example", cookie } })).status, 403);
});
