import test from "ava";
import { findChildren } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import { connectClient, startServer, type TestClient } from "../../support/peers/peers.ts";

/** Tells the session's id, which begins with a prefix of its worker's, and how often its isolate has been called. */
const who = `let n = 0;
export const client = ({ content, websock }) => {
  let asked = 0;
  if (content.body === "hang") [].indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);
  return { reply: [websock.context.id.split("-")[0] + " " + ++n], drop: true };
};`;

async function ask(client: TestClient): Promise<{ readonly worker: string; readonly calls: number }> {
  client.send("who?");
  const [worker = "", calls] = String(await client.next()).split(" ");
  return { worker, calls: Number(calls) };
}

test("a policy that costs one worker its host is apart in the other worker, before it costs that one's", async (t) => {
  const { url: upstream } = await startServer(t);
  const gateway = await startGatewayProcess(t, {
    policies: { "good.ts": who, "bad.ts": who },
    config: {
      workers: 2,
      routes: ["good", "bad"].map((name) => ({
        path: `/${name}`,
        upstream,
        policies: [name],
        onError: "drop",
      })),
    },
  });
  /** One session in each worker, by the worker's prefix. */
  const spread = async (path: string) => {
    const found = new Map<string, TestClient>();
    await eventually(`each worker has a session of ${path}`, async () => {
      const client = await connectClient(t, gateway.url + path);
      found.set((await ask(client)).worker, client);
      return found.size === 2;
    });
    return found;
  };
  const [good, bad] = [await spread("/good"), await spread("/bad")];
  const [first = "", second = ""] = [...bad.keys()];
  const hosts = () =>
    findChildren(gateway.pid, "worker-process").map(
      (worker) => findChildren(worker, "--no-node-snapshot").length,
    );
  t.deepEqual(hosts(), [1, 1]);

  bad.get(first)?.send("hang");
  await gateway.output(/policy in quarantine/);
  await eventually("it is in a fresh isolate in the other worker", async () => {
    return (await ask(bad.get(second) as TestClient)).calls === 1;
  });
  const before = await ask(good.get(second) as TestClient);
  bad.get(second)?.send("hang");
  t.is((await ask(bad.get(second) as TestClient)).worker, second);
  t.deepEqual(await ask(good.get(second) as TestClient), { worker: second, calls: before.calls + 1 });
});
