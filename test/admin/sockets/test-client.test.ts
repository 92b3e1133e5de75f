import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type TestClientMessage, testClientMessageSchema } from "../../../core/admin/api/api-schema.ts";
import type { ConfigInput } from "../../../core/index.ts";
import { makeFolder } from "../../policies/temporary-folder.ts";
import { connectClient } from "../../support/peers/peers.ts";
import { startPolicies } from "../../support/policies.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { ask } from "../console.ts";

async function openClient(t: ExecutionContext, config: Partial<ConfigInput> = {}) {
  const setup = await startPolicies(
    t,
    {
      "greet.ts":
        'export function upgrade({ request }) { if (request.path === "/no") return { reject: { status: 403, body: "go away" } }; }',
    },
    { config: { console: { port: 0, token: false }, ...config } },
  );
  const { port } = setup.gateway.gateway.addresses.console!;
  const page = await connectClient(t, `ws://127.0.0.1:${port}/api/v1/test-client`);
  const { listeners } = (await ask(port, "/api/v1/info")).json;
  return {
    ...setup,
    port,
    listener: String(listeners[0]),
    say: (request: object) => page.send(JSON.stringify(request)),
    async hear<Type extends TestClientMessage["type"]>(type: Type) {
      const message = testClientMessageSchema.parse(await page.nextJson());
      if (message.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
      return message as Extract<TestClientMessage, { type: Type }>;
    },
    page,
  };
}

const connect = (listener: string, more: object = {}) => ({
  type: "connect",
  listener,
  path: "/room",
  headers: [["X-Test", "1"]],
  subprotocols: [],
  ...more,
});

test("it connects with headers and subprotocol, sends text, bytes and pings, and hears what comes back", async (t) => {
  const { say, hear, listener, server, port } = await openClient(t);
  say(connect(listener, { subprotocols: ["chat"] }));
  const open = await hear("open");
  t.is(open.subprotocol, "chat");
  t.is(server.requests[0]?.headers["x-test"], "1");
  t.is((await ask(port, `/api/v1/sessions/${open.session}`)).json.path, "/room");

  say({ type: "send", encoding: "text", data: '{"hi":"ö"}' });
  t.like(await hear("message"), { encoding: "text", data: '{"hi":"ö"}' });
  say({ type: "send", encoding: "base64", data: "AAEC/w==" });
  t.like(await hear("message"), { encoding: "base64", data: "AAEC/w==" });
  say({ type: "ping" });
  t.true((await hear("pong")).time > 0);
  say({ type: "close", code: 1000, reason: "bye" });
  t.like(await hear("closed"), { code: 1000, reason: "bye" });
  say(connect(listener));
  await hear("open");
});

test("a refusal comes with its status, headers and body", async (t) => {
  const { say, hear, listener } = await openClient(t);
  say(connect(listener, { path: "/no" }));
  const refused = await hear("refused");
  t.is(refused.status, 403);
  t.is(refused.body, "go away");
  t.true(refused.headers.some(([name]) => name.toLowerCase() === "content-type"));
  say(connect(listener));
  await hear("open");
});

test("it dials the gateway's own listeners only, one at a time, and says what is wrong", async (t) => {
  const { say, hear, listener, server, page } = await openClient(t);
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ type: "send", encoding: "text", data: "x" }, /not connected/],
    [connect(server.url.replace("http", "ws")), /expected listener to be one of ws:\/\//],
    [connect(listener, { path: "room" }), /expected path to begin with "\/"/],
    [connect(listener, { headers: [["bad name", "x"]] }), /Header name/],
    [{ type: "what" }, /./],
  ];
  for (const [request, message] of wrong) {
    say(request);
    t.regex((await hear("error")).message, message);
  }
  say(connect(listener));
  await hear("open");
  say(connect(listener));
  t.regex((await hear("error")).message, /connected already/);
  say({ type: "close", code: 1006, reason: "" });
  t.regex((await hear("error")).message, /expected code/);
  const gone = (await server.accept()).once.bind(
    await Promise.resolve(server.wss.clients.values().next().value!),
  );
  const closed = new Promise((resolve) => gone("close", resolve));
  page.close();
  await closed;
  t.pass();
});

test("listeners with TLS are dialled too", async (t) => {
  const dir = await makeFolder(t);
  const certificate = createCertificate();
  await writeFile(join(dir, "cert.pem"), certificate.cert);
  await writeFile(join(dir, "key.pem"), certificate.key);
  const tls = { certificates: [{ cert: join(dir, "cert.pem"), key: join(dir, "key.pem") }] };
  const { say, hear, listener } = await openClient(t, { listen: [{ port: 0, tls }] });
  t.regex(listener, /^wss:/);
  say(connect(listener));
  await hear("open");
  say({ type: "send", encoding: "text", data: "secret" });
  t.is((await hear("message")).data, "secret");
});
