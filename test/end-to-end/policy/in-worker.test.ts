import test from "ava";
import { resolveConfig } from "../../../core/index.ts";
import { at } from "../../support/at.ts";
import { findChildren } from "../../support/child-processes.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

const policy = `let calls = 0;
export const upgrade = async () => { await new Promise((resolve) => setTimeout(resolve, 1)); return { attributes: { who: "ada" } }; };
export const client = ({ content, websock }) => {
  if (content.body === "loop") for (;;);
  let asked = 0;
  if (content.body === "hang") [].indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);
  return { reply: [websock.context.attributes.who + " " + ++calls], drop: true };
};`;

const workersOf = () => findChildren(process.pid, "worker-process");
const hostsOf = (worker: number) => findChildren(worker, "/sandbox/");

test.serial(
  "a policy inside of a worker: no host process, its own limits, and what it does to the worker",
  async (t) => {
    const { url: upstream } = await startServer(t);
    const gateway = await startGateway(t, {
      policies: { "held.ts": policy },
      routes: [{ path: "/", upstream, policies: [{ use: "held", isolation: "worker" }], onError: "drop" }],
      config: {
        workers: 1,
        workerSilence: "3s",
        rollout: { steps: ["1%"], abort: { faults: false, closes: false } },
        sandbox: { warmSpare: false, os: "off", messageTimeout: "200ms" },
      },
    });
    const worker = at(workersOf(), 0);
    const client = await connectClient(t, gateway.url);
    client.send("who?");
    t.is(await client.next(), "ada 1");
    t.deepEqual(hostsOf(worker), []);

    // Its isolate is lost with the call, and nothing else.
    client.send("loop");
    client.send("who?");
    t.is(await client.next(), "ada 1");
    t.is((await gateway.logged(({ msg }) => msg === "isolate replaced")).policy, "held");
    t.deepEqual(workersOf(), [worker]);

    await gateway.write("held.ts", policy.replace("let calls", "let others, calls"));
    await gateway.logged(({ msg }) => msg === "policy rollout");
    client.send("hang");
    t.is((await client.closed).code, 1006);
    await gateway.logged(({ msg }) => msg.startsWith("a worker died"));
    // Nobody can say which version it was.
    t.is((await gateway.logged(({ msg }) => msg.includes("taken back"))).rule, "host");
    const next = await connectClient(t, gateway.url);
    next.send("who?");
    t.is(await next.next(), "ada 1");
    t.false(workersOf().includes(worker));
  },
);

test.serial(
  "workers that were started without such policies keep the first one in their shared host",
  async (t) => {
    const { url: upstream } = await startServer(t);
    const routes = (isolation: "shared" | "worker") => [
      { path: "/", upstream, policies: [{ use: "held", isolation }] },
    ];
    const gateway = await startGateway(t, {
      policies: { "held.ts": policy },
      routes: routes("shared"),
      config: { workers: 1 },
    });
    const client = await connectClient(t, gateway.url);
    client.send("who?");
    t.is(await client.next(), "ada 1");
    const newest = resolveConfig({ listen: [{ port: 0 }], routes: routes("worker") }, { dir: "/" });
    await gateway.gateway.reload(newest);
    const { policies } = await gateway.logged(({ msg }) =>
      msg.startsWith("policies run in the shared sandbox host"),
    );
    t.deepEqual(policies, ["held"]);
    client.send("who?");
    t.is(await client.next(), "ada 2");
    t.is(hostsOf(at(workersOf(), 0)).length, 1);
  },
);
