import test from "ava";
import { findInnermost } from "../../../sandbox/client/process/process-tree.ts";
import { cpuMsOf, findChildren, findDescendants, isRunning } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

/** Native code that nothing interrupts: the length grows once it was checked. */
const hangs = `export const client = ({ content }) => {
  let asked = 0;
  if (content.body === "hang")
    [].indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);
};`;

test("a supervisor that is killed leaves no process behind, not even a host that hangs", async (t) => {
  const server = await startServer(t);
  const gateway = await startGatewayProcess(t, {
    policies: { "hangs.ts": hangs },
    config: {
      workers: 2,
      // Nobody else is to end the host before.
      sandbox: { warmSpare: true, silence: "60s", messageTimeout: "60s" },
      routes: [{ path: "/*", upstream: server.url, policies: ["hangs"] }],
    },
  });
  const workers = findChildren(gateway.pid, "worker-process");
  const findHosts = () => workers.flatMap((worker) => findChildren(worker, "--no-node-snapshot"));
  const launched = await eventually("a host and a spare in each worker", () => {
    const found = findHosts();
    return found.length === 4 && found;
  });
  const clients = await Promise.all([1, 2, 3].map(() => connectClient(t, gateway.url)));
  for (const client of clients) client.send("good");
  await Promise.all(clients.map(({ next }) => next()));
  // They may be walled in, each by a process above it.
  const hosts = launched.map(findInnermost);
  const before = hosts.map(cpuMsOf);
  clients[0]!.send("hang");
  await eventually("a host hangs", () => hosts.some((pid, index) => cpuMsOf(pid) > before[index]! + 300));

  const family = findDescendants(gateway.pid);
  t.teardown(() => {
    for (const pid of family) if (isRunning(pid)) process.kill(pid, "SIGKILL");
  });
  process.kill(gateway.pid, "SIGKILL");
  await eventually("all of them have ended", () => !family.some(isRunning));
  for (const { closed } of clients) t.is((await closed).code, 1006);
});
