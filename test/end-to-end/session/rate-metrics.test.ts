import { once } from "node:events";
import test from "ava";
import type { WebSocket } from "ws";
import type { RouteInput } from "../../../core/index.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

const slow = { messages: 5, per: "1h" } as const;
const rates: Readonly<Record<string, RouteInput["rate"]>> = {
  "/drop": { ...slow, action: "drop" },
  "/server": { server: { ...slow, action: "drop" } },
  "/close": slow,
  "/delay": { messages: 5, per: "300ms", action: "delay" },
  "/enough": { messages: 100, per: "1h" },
};

test("what rates do is counted by route, origin and action", async (t) => {
  const server = await startServer(t, () => {});
  const gateway = await startGateway(t, {
    routes: Object.entries(rates).map(([path, rate]) => ({ path, upstream: server.url, rate })),
    config: { console: { port: 0, token: false } },
  });
  const counts = () => readMetric(gateway, "framegate_rate_exceeded_total");
  const open = async (path: string) => {
    const { ws: client, closed } = await connectClient(t, gateway.url + path);
    return { client, closed, other: await server.accept() };
  };
  const expected: string[] = [];
  t.deepEqual(await counts(), expected);

  const enough = await open("/enough");
  await sendTo(enough.client, enough.other, 12);
  t.deepEqual(await counts(), expected);

  const drop = await open("/drop");
  await sendTo(drop.client, drop.other, 12);
  expected.push('{route="/drop",origin="client",action="drop"} 7');
  t.deepEqual(await counts(), expected);

  const ofServer = await open("/server");
  await sendTo(ofServer.client, ofServer.other, 12);
  await sendTo(ofServer.other, ofServer.client, 8);
  expected.push('{route="/server",origin="server",action="drop"} 3');
  t.deepEqual(await counts(), expected);

  // Another session of the route, and one that has ended, count as well.
  drop.client.terminate();
  const second = await open("/drop");
  await sendTo(second.client, second.other, 6);
  expected[0] = '{route="/drop",origin="client",action="drop"} 8';
  t.deepEqual(await counts(), expected);

  const close = await open("/close");
  for (let index = 0; index < 9; index++) close.client.send("m");
  await close.closed;
  expected.unshift('{route="/close",origin="client",action="close"} 1');
  t.deepEqual(await counts(), expected);

  const delay = await open("/delay");
  await sendTo(delay.client, delay.other, 5);
  t.deepEqual(await counts(), expected);
  await sendTo(delay.client, delay.other, 50);
  const delays = (await counts()).find((sample) => sample.startsWith('{route="/delay"'));
  t.regex(String(delays), /^\{route="\/delay",origin="client",action="delay"\} [1-9]$/);
});

/** Sends so many messages; settles when the other side has what was let through of them. */
async function sendTo(sender: WebSocket, receiver: WebSocket, count: number): Promise<void> {
  for (let index = 0; index < count; index++) sender.send("m");
  const arrived = once(receiver, "ping");
  sender.ping();
  await arrived;
}
