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
import { connectClient, startServer, type TestClient } from "../support/peers/peers.ts";

/** Tells the session's id, which begins with a prefix of its worker's. */
const policy = "export const client = ({ websock }) => ({ reply: [websock.context.id], drop: true });";
const connections = 8;

async function start(t: ExecutionContext): Promise<GatewayProcess> {
  const server = await startServer(t);
  return startGatewayProcess(t, {
    policies: { "who.ts": policy },
    config: { workers: 2, routes: [{ path: "/*", upstream: server.url, policies: ["who"] }] },
  });
}

async function workerOf(client: TestClient): Promise<string> {
  client.send("who?");
  return String(await client.next()).split("-")[0]!;
}

const workersOf = (gateway: GatewayProcess): number[] => findChildren(gateway.pid, "worker-process");

test("connections reach both workers; health, readiness and metrics are those of all", async (t) => {
  const gateway = await start(t);
  t.is(workersOf(gateway).length, 2);
  const clients = await Promise.all(Array.from({ length: connections }, () => connectClient(t, gateway.url)));
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

test("a worker that is killed costs its own sessions only, and is replaced", async (t) => {
  const gateway = await start(t);
  const clients = await Promise.all(Array.from({ length: connections }, () => connectClient(t, gateway.url)));
  const before = await Promise.all(clients.map(workerOf));
  const [victim, survivor] = workersOf(gateway);
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
  const now = workersOf(gateway);
  t.is(now.length, 2);
  t.true(now.includes(survivor!));
  t.regex((await gateway.read("/metrics")).text, /^framegate_worker_restarts_total 1$/m);
  t.is((await gateway.read("/readyz")).status, 200);
});

test("workers killed one after the other, also while they start, under connections: there are two again", async (t) => {
  const gateway = await start(t);
  const churn = new AbortController();
  const knocking = knockUntil(churn.signal, Number(new URL(gateway.url).port));
  const killed = new Set<number>();
  while (killed.size < 6) {
    const victim = await eventually("a worker", () => workersOf(gateway).find((pid) => !killed.has(pid)));
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
  t.is(workersOf(gateway).length, 2);
  t.regex((await gateway.read("/metrics")).text, /^framegate_worker_restarts_total 6$/m);
});

/** Connects and goes away, again and again. */
async function knockUntil(signal: AbortSignal, port: number): Promise<void> {
  while (!signal.aborted) {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    await Promise.race([once(socket, "connect"), once(socket, "close")]).catch(() => {});
    socket.destroy();
    await delay(5);
  }
}

test("SIGTERM: sessions of both workers get 1001, no process is left, the exit code is 0", async (t) => {
  const gateway = await start(t);
  const clients = await Promise.all(Array.from({ length: connections }, () => connectClient(t, gateway.url)));
  await Promise.all(clients.map(workerOf));
  const workers = workersOf(gateway);
  const hosts = workers.flatMap((worker) => findChildren(worker, "--no-node-snapshot"));
  t.is(hosts.length, 2);
  process.kill(gateway.pid, "SIGTERM");
  for (const client of clients) t.is((await client.closed).code, 1001);
  const { exitCode, stderr } = await gateway.ended;
  t.is(exitCode, 0, stderr);
  for (const pid of [...workers, ...hosts]) t.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

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
