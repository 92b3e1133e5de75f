/**
 * What does a message cost that is counted? Ten connections with 32 messages in flight each, through one worker, answered by
 * an echo server: with a policy that counts nothing, with one that counts in `kv` as `rate-limit` once did (a key for each
 * minute, the owner hashed), and with `rate-limit` by leases and without. Prints the CPU time of all of the gateway's
 * processes for a message.
 *
 *   npx node bench/rates.ts [seconds of each]
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { startFramegate } from "./lib/framegate.ts";
import { readCpuMicroseconds } from "./lib/processes.ts";

const CONNECTIONS = 10;
const FLIGHT = 32;
const WARM_MS = 1000;
const [, , seconds = "5"] = process.argv;
const RATE_LIMIT = "@framegate/standard/rate-limit";

const LOOK = "export const when = { client: { body: false } }; export const client = async () => {};";
const SPANS = `export const when = { client: { body: false } };
export const client = async ({ frame, kv, websock }) => {
  const owner = new TextEncoder().encode(websock.context.request.query.user);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", owner)).toHex?.() ?? "";
  const count = await kv.increment(hash + Math.floor(frame.time / 60_000), 1, { expires: 120_000 });
  if (count > 1e9) return { drop: true };
};`;

const echo = new WebSocketServer({ port: 0, host: "127.0.0.1" });
echo.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
await once(echo, "listening");
const upstream = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
const limit = (options: object) => ({ use: RATE_LIMIT, options: { by: "query.user", ...options } });
const rows = {
  "counts nothing": "look",
  "kv, a key for each minute": "spans",
  "rate-limit, leased": limit({ rate: 1_000_000, per: "second" }),
  // Less than ten in a second: each is asked for.
  "rate-limit, each asked for": limit({ rate: 30_000, per: "hour", burst: 100_000_000 }),
};
const names = Object.keys(rows) as (keyof typeof rows)[];

const gateway = await startFramegate(
  { look: LOOK, spans: SPANS },
  {
    workers: 1,
    grants: { spans: { kv: true }, [RATE_LIMIT]: { rates: true } },
    routes: names.map((name, index) => ({ path: `/${index}`, upstream, policies: [rows[name]] })),
  },
);
for (const [index, name] of names.entries()) {
  await run(index, WARM_MS);
  const { micros, count } = await run(index, Number(seconds) * 1000);
  console.log(`${name.padEnd(30)} ${(micros / count).toFixed(1).padStart(6)} µs  ${count} messages`);
}
await gateway.stop();
echo.close();

async function run(index: number, ms: number): Promise<{ micros: number; count: number }> {
  let count = 0;
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, n) => {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/${index}?user=${n}`);
      await once(socket, "open");
      return socket;
    }),
  );
  const begun = readCpuMicroseconds(gateway.pid);
  const end = performance.now() + ms;
  await Promise.all(
    sockets.map(async (socket) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      let open = FLIGHT;
      socket.on("message", () => {
        count++;
        if (performance.now() < end) socket.send('{"order":1}');
        else if (--open === 0) resolve();
      });
      for (let n = 0; n < FLIGHT; n++) socket.send('{"order":1}');
      await promise;
    }),
  );
  const micros = readCpuMicroseconds(gateway.pid) - begun;
  for (const socket of sockets) socket.terminate();
  return { micros, count };
}
