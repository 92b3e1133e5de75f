import { once } from "node:events";
import test from "ava";
import { WebSocket } from "ws";
import { startEcho } from "../../bench/lib/echo.ts";
import { nodeRelays } from "../../bench/peers/node-relays.ts";

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
    const echo = await startEcho();
    t.teardown(echo.close);
    const peer = nodeRelays.find(({ id }) => id === row);
    const relay = await peer!.start({ port: Number(new URL(echo.url).port) });
    t.teardown(relay.stop);
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
