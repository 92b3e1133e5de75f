import { unlink } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { resolveConfig } from "../../../core/index.ts";
import { findChildren } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, echo, startServer, type TestClient } from "../../support/peers/peers.ts";
import { askUntil } from "../../support/policies.ts";

/** Marks what the client sends, and each session with the version whose `upgrade` hook let it in. */
const marking = (text: string) => `
  export const upgrade = () => ({ attributes: { by: "${text}" } });
  export const client = ({ websock: { context }, content, session }) => {
    session.seen = (session.seen ?? 0) + 1;
    return { content: { body: [content.body, context.attributes.by, "${text}", session.seen].join(" ") } };
  };
  export const close = ({ log }) => log.info("closed by ${text}");`;
const second = "export const client = ({ content }) => ({ content: { body: content.body + ' second' } });";

async function start(t: ExecutionContext) {
  const { url: upstream } = await startServer(t, echo);
  const pinned = { upstream, reload: "pin", contentType: "text/plain" } as const;
  const gateway = await startGateway(t, {
    policies: { "a.ts": marking("one") },
    routes: [
      { path: "/pinned", ...pinned, policies: ["a"] },
      { path: "/folder", ...pinned, policies: "*" },
      { path: "/swapped", ...pinned, reload: "swap", policies: ["a"] },
    ],
    config: { console: { port: 0, token: false } },
  });
  const connect = (path: string) => connectClient(t, gateway.url + path);
  const ask = async (client: TestClient): Promise<string> => {
    client.send("m");
    return String(await client.next());
  };
  /** Saves a version, and waits until messages of a route that follows go by it. */
  const save = async (text: string): Promise<void> => {
    const follower = await connect("/swapped");
    await gateway.write("a.ts", marking(text));
    await askUntil(follower, "m", (answer) => answer.includes(` ${text} `));
    follower.close();
    await follower.closed;
  };
  return { gateway, upstream, connect, ask, save };
}

const pinnedVersions = (gateway: TestGateway) => readMetric(gateway, "framegate_policy_versions_pinned");

async function hasEnded(gateway: TestGateway, client: TestClient, closedBy: string): Promise<void> {
  client.close();
  await client.closed;
  await gateway.logged(({ msg }) => msg === `closed by ${closedBy}`);
}

test.serial("an open session keeps its version, and a new one gets the new version", async (t) => {
  const { connect, ask, save } = await start(t);
  const old = await connect("/pinned");
  const silent = await connect("/pinned");
  const swapped = await connect("/swapped");
  t.is(await ask(old), "m one one 1");
  t.is(await ask(swapped), "m one one 1");
  await save("two");
  t.is(await ask(old), "m one one 2");
  t.is(await ask(silent), "m one one 1");
  t.is(await ask(swapped), "m one two 2");
  const recent = await connect("/pinned");
  t.is(await ask(recent), "m two two 1");
  await save("three");
  t.deepEqual(await Promise.all([old, recent].map(ask)), ["m one one 3", "m two two 2"]);
});

test.serial(
  "an old version is dropped when its last session has ended, after its `close` hook",
  async (t) => {
    const { gateway, connect, ask, save } = await start(t);
    const [first, last] = [await connect("/pinned"), await connect("/pinned")];
    t.deepEqual(await pinnedVersions(gateway), []);
    await save("two");
    t.deepEqual(await pinnedVersions(gateway), ['{policy="a"} 1']);
    await hasEnded(gateway, first, "one");
    t.is(await ask(last), "m one one 1");
    t.deepEqual(await pinnedVersions(gateway), ['{policy="a"} 1']);
    const before = gateway.log.length;
    last.close();
    await last.closed;
    await gateway.logged((record) => record.msg === "closed by one" && gateway.log.indexOf(record) >= before);
    await eventually("no version is pinned", async () => (await pinnedVersions(gateway)).length === 0);
    t.is(await ask(await connect("/pinned")), "m two two 1");
  },
);

test.serial("sessions keep their version when its host is killed, once and again", async (t) => {
  const { connect, ask, save } = await start(t);
  const old = await connect("/pinned");
  const silent = await connect("/pinned");
  t.is(await ask(old), "m one one 1");
  await save("two");
  const recent = await connect("/pinned");
  t.is(await ask(recent), "m two two 1");
  for (let n = 2; n <= 3; n++) {
    for (const pid of findChildren(process.pid, "--no-node-snapshot")) process.kill(pid, "SIGKILL");
    t.deepEqual(await Promise.all([old, recent].map(ask)), [`m one one ${n}`, `m two two ${n}`]);
  }
  t.is(await ask(silent), "m one one 1");
});

test.serial("a session keeps the chain it began with, also policies that are gone", async (t) => {
  const { gateway, connect, ask } = await start(t);
  const [named, folder] = [await connect("/pinned"), await connect("/folder")];
  await gateway.write("b.ts", second);
  const both = await untilNew("m one one 1 second");
  t.is(await ask(folder), "m one one 1");
  await unlink(join(gateway.dir, "a.ts"));
  await untilNew("m second");
  t.is(await ask(folder), "m one one 2");
  t.is(await ask(named), "m one one 1");
  t.is(await ask(both), "m one one 2 second");
  await unlink(join(gateway.dir, "b.ts"));
  await untilNew("m");
  t.is(await ask(both), "m one one 3 second");
  await hasEnded(gateway, both, "one");

  /** Connects until a new session answers so. */
  async function untilNew(expected: string): Promise<TestClient> {
    return eventually(`a new session answers ${expected}`, async () => {
      const client = await connect("/folder");
      if ((await ask(client)) === expected) return client;
      client.ws.terminate();
      return undefined;
    });
  }
});

test.serial(
  "a config that changes the chain leaves pinned sessions alone; one that disables does not",
  async (t) => {
    const { gateway, upstream, connect, ask } = await start(t);
    const old = await connect("/pinned");
    const reload = (enabled: boolean) => {
      const routes = [{ path: "/pinned", upstream, policies: [], reload: "pin" as const, enabled }];
      return gateway.gateway.reload(
        resolveConfig({ listen: [{ host: "127.0.0.1", port: 0 }], routes }, { dir: gateway.dir }),
      );
    };
    await reload(true);
    t.is(await ask(old), "m one one 1");
    t.is(await ask(await connect("/pinned")), "m");
    await reload(false);
    t.deepEqual(await old.closed, { code: 1001, reason: "route is disabled" });
  },
);
