import type { RequestListener } from "node:http";
import test, { type ExecutionContext } from "ava";
import { WebSocketServer } from "ws";
import { eventually } from "../support/eventually.ts";
import { connectClient } from "../support/peers/peers.ts";
import { startSample } from "../support/sample.ts";
import { startHttp } from "../support/servers/http-server.ts";

/** One of the servers: says its port in the sample to each client, and whether it is well. */
async function startOne(t: ExecutionContext, port: number) {
  const state = { isWell: true };
  const health: RequestListener = (_, response) => void response.writeHead(state.isWell ? 200 : 503).end();
  const { url, server } = await startHttp(t, health);
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => socket.send(String(port)));
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return { port, url, state };
}

test("samples/many-upstreams: weights, a second priority, a hash, and a policy that chooses", async (t) => {
  const servers = await Promise.all([3001, 3002, 3003, 3004, 3005, 3006].map((port) => startOne(t, port)));
  const addresses = servers.map(({ port, url }) => [`http://127.0.0.1:${port}`, url]);
  const replace = { ...Object.fromEntries(addresses), 'interval: "5s"': 'interval: "50ms"' };
  const [port] = await startSample(t, "many-upstreams", { replace });
  const ask = async (path: string): Promise<string> => {
    const client = await connectClient(t, `ws://127.0.0.1:${port}${path}`);
    const name = String(await client.next());
    client.close();
    return name;
  };

  const turns: string[] = [];
  for (let i = 0; i < 6; i++) turns.push(await ask("/orders"));
  t.deepEqual(turns, ["3001", "3002", "3001", "3001", "3002", "3001"]);
  t.is(await ask("/orders?version=preview"), "3006");

  const rooms = Array.from({ length: 12 }, (_, index) => `/rooms/${index}`);
  const once = await Promise.all(rooms.map(ask));
  t.deepEqual(await Promise.all(rooms.map(ask)), once);
  t.deepEqual([...new Set(once)].sort(), ["3004", "3005"]);

  for (const { state } of servers.slice(0, 2)) state.isWell = false;
  // Until the next checks.
  await eventually("3003 answers", async () => (await ask("/orders")) === "3003");
  t.is(await ask("/orders"), "3003");
});
