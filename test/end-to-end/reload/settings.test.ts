import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { type ConfigInput, resolveConfig } from "../../../core/index.ts";
import { ask } from "../../admin/console.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, echo, startServer } from "../../support/peers/peers.ts";

// Tells what the gateway takes the client's address for.
const WHO = `
  export const upgrade = ({ client }) => ({ attributes: { address: client.address } });
  export const client = ({ content, log, websock }) => {
    log.info(content.body);
    return { content: { body: websock.context.attributes.address } };
  };
`;

test("trusted proxies, what is hidden, what is kept and the log's level follow a new config; sessions stay", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const { url: upstream } = await startServer(t, echo);
  const routes: ConfigInput["routes"] = [{ path: "/*", upstream, policies: ["who"], recording: true }];
  const console = { port: 0, token: false } as const;
  const setup = await startGateway(t, { policies: { "who.ts": WHO }, routes, config: { console } });
  const { gateway, log, logged, url } = setup;
  const reload = (config: Partial<ConfigInput>) =>
    gateway.reload(
      resolveConfig(
        { listen: [{ port: 0 }], ...{ routes, console, policies: setup.dir }, ...config },
        { dir: root },
      ),
    );
  const headers = { "X-Forwarded-For": "203.0.113.9" };
  const api = async (path: string) => (await ask(gateway.addresses.console!.port, `/api/v1${path}`)).json;
  const hasRecord = (text: string) =>
    eventually(`a record with ${text}`, async () => JSON.stringify(await api("/traffic")).includes(text));

  const before = await connectClient(t, url, { headers });
  before.send("first: pin=1234");
  t.is(await before.next(), "127.0.0.1");
  await logged(({ msg }) => msg.includes("pin=1234"));
  await hasRecord("pin=1234");

  await reload({
    trustedProxies: ["127.0.0.0/8"],
    redact: { query: ["pin"] },
    traffic: { file: "traffic.db", maxRecords: 1000 },
  });
  // Other parts of this config differ, and wait.
  const { msg: waits } = await logged(({ msg }) => msg.includes("takes effect at the next start"));
  t.notRegex(waits, /log|traffic|redact|trustedProxies/);
  const after = await connectClient(t, url, { headers });
  for (const client of [after, before]) client.send("second: pin=5678");
  t.deepEqual([await after.next(), await before.next()], ["203.0.113.9", "127.0.0.1"]);
  await logged(({ msg }) => msg === "second: pin=[redacted]");
  t.true(existsSync(join(root, "traffic.db")));
  await hasRecord("second: pin=[redacted]");
  t.notRegex(JSON.stringify(await api("/traffic")), /first|5678/);

  // A file that can never be used leaves everything as it was.
  await t.throwsAsync(reload({ traffic: { file: "no/such/folder/t.db" } }), { code: "ERR_TRAFFIC_FILE" });
  after.send("third: pin=9");
  t.is(await after.next(), "203.0.113.9");
  await hasRecord("third: pin=[redacted]");

  // Back in memory, nobody trusted, and only errors logged.
  await reload({ log: { level: "error" } });
  const last = await connectClient(t, url, { headers });
  last.send("fourth: pin=4321");
  t.is(await last.next(), "127.0.0.1");
  await hasRecord("fourth: pin=4321");
  t.notRegex(JSON.stringify(await api("/traffic")), /third/);
  t.false(log.some(({ msg }) => msg.includes("fourth")));
});
