import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import { startEcho } from "../../bench/lib/echo.ts";
import { nodeRelays } from "../../bench/peers/node-relays.ts";
import type { RunningPeer } from "../../bench/peers/peer.ts";

const TEXTS = [
  '{"a":1}',
  '{"b":"é"}',
  `{"c":"${"x".repeat(200)}"}`,
  '{"d":"漢字"}',
  `{"e":"${"é".repeat(900)}"}`,
];
const withUser = (text: string) => JSON.stringify({ ...JSON.parse(text), user: "alice" });

for (const [row, changed] of [
  ["node-looks", (text: string) => text],
  ["node-chain-5", (text: string) => text],
  ["node-sets", withUser],
  ["node-rewrites", withUser],
] as const) {
  test(`${row} gives back each message in its order, as its policy has it`, async (t) => {
    const relay = await startRelay(t, row);
    const client = new WebSocket(`ws://127.0.0.1:${relay.port}`, {
      headers: { "X-User": "alice" },
      perMessageDeflate: false,
    });
    t.teardown(() => client.terminate());
    await once(client, "open");
    const sent = Array.from({ length: 600 }, (_, i) => TEXTS[i % TEXTS.length]!);
    const received: string[] = [];
    const all = new Promise<void>((resolve, reject) => {
      client.on("message", (data) => {
        if (received.push(data.toString()) === sent.length) resolve();
      });
      client.on("close", () => reject(new Error(`closed after ${received.length} messages`)));
    });
    for (const text of sent) client.send(text);
    await all;
    t.deepEqual(received, sent.map(changed));
  });
}

for (const row of ["node-upgrades", "node-upgrades-hook"]) {
  test(`${row} passes messages and Close, and refuses what is no upgrade of its route`, async (t) => {
    const { port } = await startRelay(t, row);
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    t.teardown(() => client.terminate());
    await once(client, "open");
    for (const text of ["short", "long".repeat(50_000)]) {
      client.send(text);
      const [data] = await once(client, "message");
      t.is(String(data), text);
    }
    client.close(3001, "done");
    t.is((await once(client, "close"))[0], 3001);
    t.is(await statusOf(`ws://127.0.0.1:${port}/elsewhere`), 404);
    t.is(await statusOf(`ws://127.0.0.1:${port}`, "https://elsewhere.example"), 403);
  });
}

async function startRelay(t: ExecutionContext, row: string): Promise<RunningPeer> {
  const echo = await startEcho();
  t.teardown(echo.close);
  const relay = await nodeRelays
    .find(({ id }) => id === row)!
    .start({ port: Number(new URL(echo.url).port) });
  t.teardown(relay.stop);
  return relay;
}

async function statusOf(url: string, origin?: string): Promise<number | undefined> {
  const client = new WebSocket(url, origin === undefined ? {} : { origin });
  client.on("error", () => {});
  const [, { statusCode }] = await once(client, "unexpected-response");
  return statusCode;
}
