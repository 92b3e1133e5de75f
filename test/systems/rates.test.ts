import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { openSocket, upgradeHead } from "../support/peers/http.ts";
import { startServer } from "../support/peers/peers.ts";

/** All of them are there before the first sends its request. @returns their statuses */
async function storm(t: ExecutionContext, port: number, paths: readonly string[]): Promise<number[]> {
  const sockets = await Promise.all(paths.map(() => openSocket(t, port)));
  return Promise.all(
    sockets.map(async (socket, index) => {
      socket.write(upgradeHead(paths[index] ?? "/"));
      const [head] = (await once(socket, "data")) as [Buffer];
      return Number(head.toString("latin1").split(" ")[1]);
    }),
  );
}

const admitted = (statuses: readonly number[]) => statuses.filter((status) => status === 101).length;

test("four workers, a storm of upgrades: as many come in as the rate says, by route and by key", async (t) => {
  const { url } = await startServer(t);
  const gateway = await startGatewayProcess(t, {
    policies: {},
    config: {
      workers: 4,
      routes: [
        { path: "/all", upstream: url, upgradeRate: { upgrades: 37, per: "1h", key: "route" } },
        { path: "/each", upstream: url, upgradeRate: { upgrades: 5, per: "1h", key: "query:user" } },
      ],
    },
  });
  const port = Number(new URL(gateway.url).port);
  // One more comes every 97 s, and every 12 minutes.
  const all = await storm(t, port, Array(400).fill("/all"));
  t.is(admitted(all), 37);
  t.deepEqual(new Set(all), new Set([101, 429]));
  const users = Array.from({ length: 20 }, (_, n) => `/each?user=${n}`);
  const paths = Array.from({ length: 400 }, (_, n) => users[n % 20] as string);
  const each = await storm(t, port, paths);
  t.deepEqual(
    users.map((user) => admitted(each.filter((_, n) => paths[n] === user))),
    Array(20).fill(5),
  );
  const { text } = await gateway.read("/metrics");
  t.true(text.split("\n").includes('framegate_upgrade_rate_exceeded_total{route="/all"} 363'), text);
});
