import test, { type ExecutionContext } from "ava";
import { createSandbox } from "../../../sandbox/index.ts";
import { findChildren } from "../../support/child-processes.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { counter, type Flow, startFlow } from "../../support/peers/flow.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

const other = `${counter}\nexport const client = count;`;

/** Serial, so that all sandbox hosts of this process belong to one gateway. */
const hosts = (): number[] => findChildren(process.pid, "--no-node-snapshot");

async function start(t: ExecutionContext, source: string, warmSpare: boolean) {
  const { url: upstream } = await startServer(t);
  const gateway = await startGateway(t, {
    policies: { "run.ts": source, "other.ts": other },
    routes: [
      { path: "/run", upstream, policies: ["run"] },
      { path: "/pass", upstream, policies: ["run"], onError: "pass" },
      { path: "/other", upstream, policies: ["other"] },
      { path: "/splice", upstream },
    ],
    config: { sandbox: { warmSpare, silence: "500ms" } },
  });
  return { gateway, connect: (path: string) => connectClient(t, gateway.url + path) };
}

const progress = (flows: readonly Flow[]) => Promise.all(flows.map((flow) => flow.progress(100)));

/** Native code that neither a timeout nor the end of the isolate interrupts: the length grows once it was checked. */
const hang =
  "let asked = 0; [].indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);";
const hangs: Readonly<Record<string, string>> = {
  "hangs in native code": hang,
  "hangs in native code after an await": `return (async () => { await null; ${hang} })();`,
};

for (const warmSpare of [true, false]) {
  const spare = warmSpare ? "with" : "without";
  test.serial(
    `hosts killed while nothing runs, ${spare} a spare: nobody notices, sessions keep their state`,
    async (t) => {
      const { gateway, connect } = await start(t, other, warmSpare);
      const clients = await Promise.all(["/run", "/pass", "/other", "/splice"].map(connect));
      for (const client of clients) client.send("m");
      t.deepEqual(await Promise.all(clients.map(({ next }) => next())), ["m 1", "m 1", "m 1", "m"]);
      for (let kill = 1; kill <= 2; kill++) {
        await killAll(gateway);
        for (const client of clients) client.send("m");
        const count = `m ${kill + 1}`;
        t.deepEqual(await Promise.all(clients.map(({ next }) => next())), [count, count, count, "m"]);
      }
      await gateway.write("run.ts", other.replace('" "', '" new "'));
      await gateway.logged(({ msg }) => msg === "policy reloaded");
    },
  );
}

test.serial(
  "a host killed while messages flow: only a message that ran in it may be lost to onError",
  async (t) => {
    const { gateway, connect } = await start(t, other, true);
    const flows = await Promise.all(
      ["/run", "/run", "/run", "/other", "/other", "/other"].map(async (path) =>
        startFlow(await connect(path), 32),
      ),
    );
    let failed: readonly Flow[] = [];
    for (let round = 0; round < 3; round++) {
      const healthy = flows.filter((flow) => !failed.includes(flow));
      await progress(healthy);
      await killAll(gateway);
      const results = await Promise.allSettled(healthy.map((flow) => flow.progress(100)));
      failed = [...failed, ...healthy.filter((_, index) => results[index]?.status === "rejected")];
    }
    const faults = gateway.log.filter(({ reason, hook }) => hook === "client" && reason === "killed");
    t.is(failed.length, faults.length, JSON.stringify(faults));
    t.true(failed.length <= 3);
    for (const flow of flows.filter((flow) => !failed.includes(flow))) t.true((await flow.finish()) > 600);
  },
);

/** SIGKILL for every host; settles when the gateway has replaced one of them. */
async function killAll({ logged }: TestGateway): Promise<void> {
  const pids = hosts();
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await logged(({ msg, pid }) => msg === "sandbox host replaced" && pids.includes(Number(pid)));
}

for (const [name, run] of Object.entries(hangs)) {
  test.serial(`a policy that ${name}: its host is replaced, its message gets onError`, async (t) => {
    const source = `${counter}
      const hole = [];
      const run = () => { ${run} };
      export const client = (context) => context.content.body === "run" ? run() : count(context);`;
    const { gateway, connect } = await start(t, source, true);
    const flows = [
      startFlow(await connect("/run")),
      startFlow(await connect("/pass"), 1),
      startFlow(await connect("/other")),
    ];
    await progress(flows);
    const passing = await connect("/pass");
    for (const text of ["a", "run", "b"]) passing.send(text);
    t.deepEqual(await passing.take(3), ["a 1", "run", "b 2"]);
    const closing = await connect("/run");
    closing.send("run");
    t.deepEqual(await closing.closed, { code: 1011, reason: "internal error" });
    await progress(flows);
    for (const flow of flows) t.true((await flow.finish()) >= 200);
    await gateway.logged(({ policy, reason }) => policy === "run" && reason !== undefined);
  });
}

test.serial(
  "where policies are and no process that could hold them, the gateway does not start",
  async (t) => {
    const { url: upstream } = await startServer(t);
    const hostMain = "/nowhere/sandbox/host/main.js";
    const starting = startGateway(t, {
      policies: { "run.ts": other },
      routes: [{ path: "/run", upstream, policies: ["run"] }],
      newSandbox: (options) => createSandbox({ ...options, hostMain }),
    });
    await t.throwsAsync(starting, {
      code: "ERR_START",
      message: /^cannot start: Policy `run` could not be loaded: the sandbox's host process does not start: /,
    });
  },
);
