import test from "ava";
import { findChildren } from "../support/child-processes.ts";
import { eventually } from "../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { connectClient, refusedUpgrade, startServer } from "../support/peers/peers.ts";
import { ask } from "./console.ts";

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let gateway: GatewayProcess;

test.before(async () => {
  const server = await startServer(scope);
  gateway = await startGatewayProcess(scope, {
    config: { workers: 2, routes: [{ path: "/*", upstream: server.url }] },
  });
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const call = (path: string, asking = {}) => ask(gateway.consolePort, `/api/v1${path}`, asking);

test.serial(
  "recording is switched on for the open sessions of all workers, and back by itself",
  async (t) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => connectClient(t, gateway.url)));
    await call("/recording-switches", { method: "PUT", body: { sample: 1, for: "2s" } });
    for (const client of clients) {
      client.send("hi");
      t.is(await client.next(), "hi");
    }
    const { records } = (await call("/traffic?kind=frame&limit=100")).json;
    t.is(new Set(records.map(({ session }: { session: string }) => session)).size, 8);
    const [{ records: brought }] = (await call("/recording-switches")).json.switches;
    t.is(brought, 16);
    await eventually(
      "it goes back",
      async () => (await call("/recording-switches")).json.switches.length === 0,
    );
    t.is((await call("/routes")).json.routes[0].isRecorded, false);
    for (const client of clients) client.close();
    for (const { closed } of clients) await closed;
  },
);

// Serial: the last one switches the route off.
test.serial("sessions of all workers are seen, counted and closed", async (t) => {
  const { url } = gateway;
  const clients = await Promise.all(Array.from({ length: 8 }, () => connectClient(t, url)));
  const { sessions, total } = (await call("/sessions")).json;
  t.is(total, 8);
  t.is(new Set(sessions.map(({ id }: { id: string }) => id.split("-")[0])).size, 2);
  t.is((await call("/routes")).json.routes[0].sessions, 8);
  for (const { id } of sessions) {
    t.is((await call(`/sessions/${id}`)).json.id, id);
    t.is((await call(`/sessions/${id}/close`, { body: { code: 3000, reason: "enough" } })).status, 200);
  }
  for (const { closed } of clients) t.deepEqual(await closed, { code: 3000, reason: "enough" });
});

test.serial("a switched route is switched in a worker that starts later", async (t) => {
  const { url, pid } = gateway;
  const path = `/routes/${encodeURIComponent("/*")}`;
  t.is((await call(path, { method: "PATCH", body: { enabled: false } })).status, 200);

  /** The worker that refused, by the id in its answer; undefined when it died over it, or before it could say so. */
  const refusal = async (): Promise<string | undefined> => {
    const answer = await refusedUpgrade(url, { handshakeTimeout: 2000 }).catch(() => undefined);
    t.is(answer?.status ?? 404, 404);
    return /([\da-f]{10})-/.exec(answer?.body ?? "")?.[1];
  };
  const before = new Set<string>();
  await eventually("both workers have refused", async () => {
    const worker = await refusal();
    if (worker !== undefined) before.add(worker);
    return before.size === 2;
  });
  process.kill(findChildren(pid, "worker-process")[0]!, "SIGKILL");
  await eventually("a new worker refuses", async () => {
    const worker = await refusal();
    return worker !== undefined && !before.has(worker);
  });
});
