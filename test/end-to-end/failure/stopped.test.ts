import test from "ava";
import { findInnermost } from "../../../sandbox/client/process/process-tree.ts";
import { at } from "../../support/at.ts";
import { findChildren, isRunning } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

/** Tells the session's id, which begins with a prefix of its worker's. */
const policy = `export const client = ({ content, websock }) => ({
  drop: true,
  reply: [websock.context.id.split("-")[0] + " " + content.body],
});`;

test("stopped processes: a host is replaced and nothing is lost; a worker too, and its sessions end", async (t) => {
  const server = await startServer(t);
  const gateway = await startGatewayProcess(t, {
    policies: { "who.ts": policy },
    config: {
      workers: 2,
      workerSilence: "3s",
      sandbox: { warmSpare: false, silence: "500ms" },
      routes: [
        { path: "/who", upstream: server.url, policies: ["who"] },
        { path: "/spliced", upstream: server.url },
      ],
    },
  });
  const workers = findChildren(gateway.pid, "worker-process");
  const hosts = workers.map((pid) => findInnermost(at(findChildren(pid, "--no-node-snapshot"), 0)));
  const stop = (pid: number) => {
    process.kill(pid, "SIGSTOP");
    // Nothing else ends a process that is stopped.
    t.teardown(() => isRunning(pid) && process.kill(pid, "SIGKILL"));
  };
  const openClient = async (path: string) => {
    const client = await connectClient(t, gateway.url + path);
    const ask = async (text: string) => {
      client.send(text);
      return String(await client.next());
    };
    return { client, ask };
  };
  const readWorker = (answer: string) => at(answer.split(" "), 0);
  const clients = await Promise.all(["/who", "/who", "/who", "/who"].map(openClient));
  const before = await Promise.all(clients.map(async ({ ask }) => readWorker(await ask("hello"))));
  t.is(new Set(before).size, 2);
  const spliced = await openClient("/spliced");

  for (const pid of hosts) stop(pid);
  const answers = clients.map(({ ask }) => ask("while stopped"));
  t.is(await spliced.ask("goes on"), "goes on");
  t.deepEqual(
    await Promise.all(answers),
    before.map((worker) => `${worker} while stopped`),
  );

  stop(at(workers, 0));
  // Whoever was handed to the one that is stopped is handed to another.
  const later = await Promise.all(["/who", "/who", "/who", "/who"].map(openClient));
  await gateway.output(/"how":"it did not answer for 3000 ms \(workerSilence\), and was killed"/);
  const { code, gone } = await Promise.race(
    clients.map(async ({ client }, index) => ({ ...(await client.closed), gone: at(before, index) })),
  );
  t.is(code, 1006);
  for (const [index, { client, ask }] of clients.entries()) {
    if (before[index] === gone) t.is((await client.closed).code, 1006);
    else t.is(await ask("still here"), `${before[index]} still here`);
  }
  for (const { ask } of later) t.not(readWorker(await ask("who?")), gone);
  await eventually("two workers again", () => findChildren(gateway.pid, "worker-process").length === 2);
  t.is((await gateway.read("/metrics")).status, 200);
});
