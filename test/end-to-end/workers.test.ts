import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { runCli } from "../cli/process.ts";
import { at } from "../support/at.ts";
import { findChildren } from "../support/child-processes.ts";
import { eventually } from "../support/eventually.ts";
import {
  type GatewayProcess,
  startGatewayProcess,
  writeConfig,
} from "../support/gateways/gateway-process.ts";
import { openSocket, upgradeHead } from "../support/peers/http.ts";
import { connectClient, startServer, type TestClient } from "../support/peers/peers.ts";

/** They tell the session's id, which begins with a prefix of its worker's. */
const policies = {
  "who.ts": "export const client = ({ websock }) => ({ reply: [websock.context.id], drop: true });",
  "paced.ts": `export const client = async ({ rates }) => {
    const { allowed } = await rates.take("all", { limit: 13, per: 3_600_000 });
    return { drop: true, reply: [String(allowed)] };
  };`,
  "count.ts":
    "export const client = async ({ kv, websock }) => ({ drop: true, reply: [[await kv.increment('n'), websock.context.id]] });",
};
const connections = 8;

/** One for all tests, which go one after the other: each is about what comes after what it finds, the last ends it. */
let gateway: GatewayProcess;
const teardowns: (() => unknown)[] = [];
test.before(async () => {
  const t = { teardown: (fn: () => unknown) => void teardowns.unshift(fn) };
  const { url } = await startServer(t);
  gateway = await startGatewayProcess(t, {
    policies,
    config: {
      workers: 2,
      grants: { count: { kv: true }, paced: { rates: true } },
      routes: [
        { path: "/rates", upstream: url, policies: ["paced"] },
        { path: "/count", upstream: url, policies: ["count"] },
        { path: "/paced", upstream: url, upgradeRate: { upgrades: 6, per: "1h" } },
        { path: "/*", upstream: url, policies: ["who"] },
      ],
    },
  });
});
test.after.always(async () => {
  for (const teardown of teardowns) await teardown();
});

async function workerOf(client: TestClient): Promise<string> {
  client.send("who?");
  return String(await client.next()).split("-")[0]!;
}

const workerPids = (): number[] => findChildren(gateway.pid, "worker-process");

const connectAll = (t: ExecutionContext, path = "") =>
  Promise.all(Array.from({ length: connections }, () => connectClient(t, gateway.url + path)));

/** Of a client that stays. */
async function upgradeStatus(t: ExecutionContext, path: string): Promise<number> {
  const socket = await openSocket(t, Number(new URL(gateway.url).port));
  socket.write(upgradeHead(path));
  const [head] = (await once(socket, "data")) as [Buffer];
  return Number(head.toString("latin1").split(" ")[1]);
}

async function restarts(): Promise<number> {
  const { text } = await gateway.read("/metrics");
  return Number(/^framegate_worker_restarts_total (\d+)$/m.exec(text)?.[1]);
}

test.serial("an upgrade rate is that of all workers: so many come in, however they are spread", async (t) => {
  const statuses: number[] = [];
  // One after the other: each worker has settled what it let in before.
  for (let n = 0; n < 12; n++) statuses.push(await upgradeStatus(t, "/paced"));
  t.deepEqual(statuses, [...Array(6).fill(101), ...Array(6).fill(429)]);
  const { text } = await gateway.read("/metrics");
  const lines = text.split("\n");
  t.true(lines.includes('framegate_upgrade_rate_exceeded_total{route="/paced"} 6'), text);
});

test.serial("connections reach both workers; health, readiness and metrics are those of all", async (t) => {
  t.is(workerPids().length, 2);
  // A worker has loaded the policies while nothing could be harmed by that: there is no probe.
  t.deepEqual(findChildren(gateway.pid, "--no-node-snapshot"), []);
  await eventually("esbuild has ended", () => findChildren(gateway.pid, "esbuild").length === 0);
  const clients = await connectAll(t);
  const workers = await Promise.all(clients.map(workerOf));
  t.is(new Set(workers).size, 2);

  t.deepEqual(await gateway.read("/healthz"), { status: 200, text: "ok\n" });
  t.deepEqual(await gateway.read("/readyz"), { status: 200, text: "ready\n" });
  const { text } = await gateway.read("/metrics");
  const lines = text.split("\n");
  t.true(lines.includes(`framegate_sessions_open{route="/*"} ${connections}`), text);
  t.true(lines.includes(`framegate_upgrades_total{route="/*",status="101"} ${connections}`), text);
  t.true(lines.includes(`framegate_messages_total{route="/*",origin="client"} ${connections}`), text);
  t.true(lines.includes(`framegate_policy_reloads_total{policy="who",outcome="loaded"} 1`), text);
});

test.serial("a counter in kv is the same in all workers", async (t) => {
  const clients = await connectAll(t, "/count");
  const answers = await Promise.all(
    clients.map(async (client) => {
      client.send("1");
      return JSON.parse(String(await client.next())) as [number, string];
    }),
  );
  t.deepEqual(answers.map(([count]) => count).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  t.is(new Set(answers.map(([, id]) => id.split("-")[0])).size, 2);
});

test.serial("rates of policies are the same in all workers: so many pass, and not one more", async (t) => {
  const clients = await connectAll(t, "/rates");
  const answers = clients.flatMap((client) =>
    Array.from({ length: 5 }, () => {
      client.send("1");
      return client.next();
    }),
  );
  const passed = (await Promise.all(answers)).filter((answer) => String(answer) === "true");
  t.is(passed.length, 13);
});

test.serial("a worker that is killed costs its own sessions only, and is replaced", async (t) => {
  const restartsBefore = await restarts();
  const clients = await connectAll(t);
  const before = await Promise.all(clients.map(workerOf));
  const [victim, survivor] = workerPids();
  process.kill(victim!, "SIGKILL");
  const { code } = await Promise.race(clients.map(({ closed }) => closed));
  t.is(code, 1006);
  await gateway.output(/a worker died/);

  const lost = before[await Promise.race(clients.map(({ closed }, index) => closed.then(() => index)))]!;
  for (const [index, client] of clients.entries()) {
    if (before[index] === lost) t.is((await client.closed).code, 1006);
    else t.is(await workerOf(client), at(before, index));
  }
  // A new worker takes its share of new connections, with the policies.
  await eventually("a new worker has a connection", async () => {
    const worker = await workerOf(await connectClient(t, gateway.url));
    t.not(worker, lost);
    return !before.includes(worker);
  });
  const now = workerPids();
  t.is(now.length, 2);
  t.true(now.includes(survivor!));
  t.is(await restarts(), restartsBefore + 1);
  t.is((await gateway.read("/readyz")).status, 200);
});

test.serial(
  "workers killed one after the other, also while they start, under connections: there are two again",
  async (t) => {
    const restartsBefore = await restarts();
    const churn = new AbortController();
    const knocking = knockUntil(churn.signal, Number(new URL(gateway.url).port));
    const killed = new Set<number>();
    while (killed.size < 6) {
      const victim = await eventually("a worker", () => workerPids().find((pid) => !killed.has(pid)));
      process.kill(victim, "SIGKILL");
      killed.add(victim);
    }
    await eventually("two that answer", async () => {
      const clients = Array.from({ length: 4 }, () => connectClient(t, gateway.url));
      const results = await Promise.allSettled(clients);
      const open = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      return new Set(await Promise.all(open.map(workerOf))).size === 2;
    });
    churn.abort();
    await knocking;
    t.is(workerPids().length, 2);
    t.is(await restarts(), restartsBefore + 6);
  },
);

/** Connects and goes away, again and again. */
async function knockUntil(signal: AbortSignal, port: number): Promise<void> {
  while (!signal.aborted) {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    await Promise.race([once(socket, "connect"), once(socket, "close")]).catch(() => {});
    socket.destroy();
    await delay(5);
  }
}

test.serial(
  "SIGTERM: sessions of both workers get 1001, no process is left, the exit code is 0",
  async (t) => {
    const clients = await connectAll(t);
    await Promise.all(clients.map(workerOf));
    const workers = workerPids();
    const hosts = workers.flatMap((worker) => findChildren(worker, "--no-node-snapshot"));
    t.is(hosts.length, 2);
    process.kill(gateway.pid, "SIGTERM");
    for (const client of clients) t.is((await client.closed).code, 1001);
    const { exitCode, stderr } = await gateway.ended;
    t.is(exitCode, 0, stderr);
    for (const pid of [...workers, ...hosts]) t.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  },
);

test("a port in use: one line that names it, exit code 1, no worker left", async (t) => {
  const blocker = createServer().listen(0, "127.0.0.1");
  t.teardown(() => blocker.close());
  await once(blocker, "listening");
  const { port } = blocker.address() as AddressInfo;
  // What this machine can wall in is not the question.
  const folder = await writeConfig(t, { workers: 2, listen: [{ port }], sandbox: { os: "off" } });
  const { exitCode, stdout, stderr } = await runCli(t, ["start"], folder);
  t.is(exitCode, 1);
  t.regex(stderr, new RegExp(`^framegate: [^\\n]*127\\.0\\.0\\.1:${port}[^\\n]*\\n$`));
  t.notRegex(stdout, /"level":"(error|warn)"/);
});
