import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { main, type Running } from "../cli/process.ts";
import { makeFolder } from "../config/folder.ts";
import { root } from "../docs/documents.ts";
import { eventually } from "../support/eventually.ts";
import { PATIENT } from "../support/gateways/limits.ts";
import { type Machine, makeMachines } from "../support/machines.ts";
import { has } from "../support/needs.ts";
import type { Report } from "./parts/numbered-clients.ts";

const CLIENTS = 2000;
const SPREAD_MS = 4000;
const RECONNECT_MS = 5000;

const part = (name: string) => fileURLToPath(new URL(`parts/${name}.ts`, import.meta.url));
const deployed = (name: string) => new URL(`../../deploy/balancers/${name}`, import.meta.url);

/** Says where the client has come to, and reads each of its messages. */
const policy = (gateway: string) => `
export const upgrade = ({ client }) =>
  ({ responseHeaders: { "X-Gateway": "${gateway}", "X-Client": client.address + " " + client.tls } });
export const client = ({ content }) => ({ content: { body: content.body } });`;

async function startGateway(t: ExecutionContext, machine: Machine, name: string, upstream: string) {
  const dir = await makeFolder(t, {
    "policies/place.ts": policy(name),
    "framegate.config.json": JSON.stringify({
      listen: [{ host: machine.address, port: 8080 }],
      console: { host: machine.address, port: 9090, token: "a token of the tests" },
      workers: 1,
      log: { level: "warn" },
      drain: {
        ...{
          code: 1012,
          delay: "2s",
          spread: `${SPREAD_MS}ms`,
          reconnect: `${RECONNECT_MS}ms`,
          timeout: "20s",
        },
      },
      cluster: { url: REDIS },
      trustedProxies: [BALANCER],
      sandbox: { ...PATIENT, warmSpare: false, os: "off" },
      routes: [
        {
          ...{ path: "/*", upstream, policies: ["place"], connections: { route: 5000 } },
          upgradeRate: { upgrades: 100_000, per: "1s" },
        },
      ],
    }),
  });
  const running = machine.start(process.execPath, [main, "start"], dir);
  const asking = machine.start(process.execPath, ["--eval", untilReady(machine.address)]);
  const early = await Promise.race([asking.ended.then(() => undefined), running.ended]);
  if (early !== undefined) throw new Error(`the gateway ${name} ended: ${early.stdout}${early.stderr}`);
  return running;
}

const REDIS = "redis://10.99.0.6:6379";
const BALANCER = "10.99.0.4";
/** A client that says it is another one. */
const forge = (url: string) => `
import { WebSocket } from "ws";
const headers = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", Forwarded: "for=6.6.6.6;proto=https" };
const client = new WebSocket("${url}", { headers });
client.on("upgrade", (response) => console.log(response.headers["x-client"]));
client.on("open", () => client.close());`;
const untilReady = (host: string) => `
for (;;) {
  const answer = await fetch("http://${host}:9090/readyz").catch(() => undefined);
  if (answer?.status === 200) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}`;

/** Asks the clients for a new report until one fits. */
function watchClients(clients: Running) {
  let number = 0;
  const report = async (): Promise<Report> => {
    number++;
    clients.process.kill("SIGUSR2");
    const [line] = await clients.output(new RegExp(`^\\{"number":${number},.*\\}\n`, "m"));
    return JSON.parse(line) as Report;
  };
  return {
    report,
    async until(what: string, fits: (report: Report) => boolean): Promise<Report> {
      let last = await report();
      const look = async (): Promise<boolean> => {
        last = await report();
        return fits(last);
      };
      await eventually(what, look).catch((cause: Error) => {
        throw new Error(`${cause.message}; ${JSON.stringify({ ...last, ends: last.ends.length })}`);
      });
      return last;
    },
  };
}

for (const [balancer, file, argsIn] of [
  ["haproxy", "haproxy.cfg", () => ["-db", "-f"]],
  // It deletes what is called `pid` when it ends.
  [
    "nginx",
    "nginx.conf",
    (dir: string) => ["-e", "stderr", "-p", dir, "-g", "daemon off; pid nginx.pid;", "-c"],
  ],
] as const) {
  test.serial(
    `two gateways behind ${balancer}, 2,000 sessions: a rolling restart, a machine that dies, Redis that is lost`,
    async (t) => {
      if (!has(t, balancer, "ip", "redis-server")) return;
      const machines = makeMachines(t, ["a", "b", "front", "origin", "store", "crowd"]);
      const { a, b, front, origin, store, crowd } = machines;
      const redis = ["--port", "6379", "--bind", store.address, "--protected-mode", "no", "--save", ""];
      store.start("redis-server", redis);
      const echo = origin.start(process.execPath, [part("echo"), origin.address, "7000"]);
      await echo.output(/ready/);
      const upstream = `http://${origin.address}:7000`;
      const [first] = await Promise.all([
        startGateway(t, a, "a1", upstream),
        startGateway(t, b, "b1", upstream),
      ]);
      const text = (await readFile(deployed(file), "utf8"))
        .replaceAll("gateway-a", a.address)
        .replaceAll("gateway-b", b.address);
      const dir = await makeFolder(t, { [file]: text });
      const balancing = front.start(balancer, [...argsIn(dir), join(dir, file)]);
      const url = `ws://${front.address}:8080/x`;
      const clients = crowd.start(process.execPath, [part("numbered-clients"), url, String(CLIENTS), "2000"]);
      const early = await Promise.race([clients.output(/ready/).then(() => undefined), balancing.ended]);
      t.is(early, undefined, early?.stderr);
      const { report, until } = watchClients(clients);
      const before = await report();
      t.is(before.open, CLIENTS);
      const ofA = before.byGateway.a1 ?? 0;
      t.true(ofA > 500 && (before.byGateway.b1 ?? 0) > 500, JSON.stringify(before.byGateway));

      // What a client says of itself counts for nothing.
      const forged = crowd.start(process.execPath, ["--input-type=module", "--eval", forge(url)], root);
      t.is((await forged.ended).stdout, `${crowd.address} false\n`);

      /** Until the balancer has seen that a gateway is there. */
      const reach = (gateway: string) =>
        eventually(`the balancer knows ${gateway}`, async () => {
          const one = crowd.start(process.execPath, [part("numbered-clients"), url, "1", "1000"]);
          await one.output(/ready/);
          const { byGateway } = await watchClients(one).report();
          one.process.kill("SIGKILL");
          return Object.hasOwn(byGateway, gateway);
        });

      // A rolling restart: those of the one are told when to come again, and come to the other; nobody else notices.
      first.process.kill("SIGTERM");
      t.is((await first.ended).exitCode, 0);
      const moved = await until("all of a are at b", ({ byGateway }) => byGateway.b1 === CLIENTS);
      t.is(moved.ends.length, ofA);
      for (const { gateway, code, reason } of moved.ends) {
        t.deepEqual([gateway, code], ["a1", 1012]);
        t.regex(reason, /^gateway is stopping; retry-after=[0-5]\.[0-9]$/);
      }
      const times = moved.ends.map(({ at }) => at);
      t.true(Math.max(...times) - Math.min(...times) > SPREAD_MS * 0.9, "never faster than it was asked for");
      const waits = moved.ends.map(({ reason }) => Number(/[\d.]+$/.exec(reason)![0]));
      const soon = waits.filter((wait) => wait < RECONNECT_MS / 2000).length;
      t.true(soon > ofA * 0.4 && soon < ofA * 0.6, `${soon} of ${ofA} in the first half`);
      t.deepEqual([moved.wrong, moved.refusals], [[], {}]);

      // A machine dies: the other's sessions lose nothing, and its own come to it.
      await startGateway(t, a, "a2", upstream);
      await reach("a2");
      b.kill();
      const fled = await until("all of b are at a", ({ byGateway }) => byGateway.a2 === CLIENTS);
      t.is(fled.ends.length - moved.ends.length, CLIENTS);
      t.deepEqual(fled.wrong, []);

      // Redis is lost: who is connected notices nothing, and who comes is let in by what this machine knows.
      await startGateway(t, b, "b2", upstream);
      await reach("b2");
      store.kill();
      const { back } = await report();
      await until("messages go on", (next) => next.back > back + CLIENTS);
      const late = crowd.start(process.execPath, [part("numbered-clients"), url, "100", "1000"]);
      await late.output(/ready/);
      const lost = await watchClients(late).until("the new ones are served", (next) => next.back > 200);
      t.is(lost.open, 100);
      store.start("redis-server", redis);

      clients.process.kill("SIGHUP");
      const end = await until("all that was sent is back", ({ missing }) => missing === 0);
      t.deepEqual([end.open, end.wrong, end.ends.length], [CLIENTS, [], fled.ends.length]);
      t.is(end.connections, CLIENTS + end.ends.length);
    },
  );
}
