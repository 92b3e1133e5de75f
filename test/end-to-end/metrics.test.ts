import test, { type ExecutionContext } from "ava";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

const policies = {
  "shape.ts": `
    export const upgrade = ({ request }) => {
      if (request.query.user === undefined) return { reject: { status: 401 } };
    };
    export const client = ({ content }) => {
      if (content.body === "drop") return { drop: true };
      if (content.body === "throw") throw new Error("no");
      if (content.body === "change") return { content: { body: "changed" }, append: ["more"] };
    };`,
};

test("/metrics tells what policies did, what they cost, and how messages were batched", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies,
    routes: [{ path: "/", upstream: server.url, policies: ["shape"], onError: "pass" }],
    config: { console: { port: 0, token: false } },
  });
  await t.throwsAsync(connectClient(t, gateway.url));
  const client = await connectClient(t, `${gateway.url}/?user=ada`);
  for (const body of ["hello", "drop", "throw", "change"]) client.send(body);
  t.deepEqual(await client.take(4), ["hello", "throw", "changed", "more"]);

  const value = await readMetrics(gateway);
  t.is(value('framegate_sessions_total{route="/"}'), 1);
  t.is(value('framegate_upgrades_total{route="/",status="401"}'), 1);
  t.is(value('framegate_buffered_bytes{route="/",origin="client"}'), 0);
  t.is(value('framegate_policy_calls_total{route="/",policy="shape",hook="upgrade"}'), 2);
  t.is(value('framegate_policy_calls_total{route="/",policy="shape",hook="client"}'), 4);
  for (const [hook, verdict, expected] of [
    ["upgrade", "rejected", 1],
    ["upgrade", "unchanged", 1],
    ["client", "unchanged", 1],
    ["client", "dropped", 1],
    ["client", "replaced", 1],
    ["client", "appended", 1],
    ["client", "fault", 1],
    ["client", "closed", 0],
  ] as const) {
    const name = `framegate_policy_verdicts_total{route="/",policy="shape",hook="${hook}",verdict="${verdict}"}`;
    t.is(value(name), expected, name);
  }
  const ofClient = '{route="/",origin="client"}';
  t.is(value(`framegate_message_size_bytes_sum${ofClient}`), 20);
  t.is(value('framegate_message_size_bytes_bucket{le="16",route="/",origin="client"}'), 4);
  t.is(value('framegate_message_size_bytes_bucket{le="+Inf",route="/",origin="client"}'), 4);
  // The first read of each side is timed.
  t.true(value(`framegate_message_latency_seconds_count${ofClient}`) > 0);
  t.true(value(`framegate_message_latency_seconds_sum${ofClient}`) > 0);
  t.is(
    value('framegate_message_latency_seconds_bucket{le="+Inf",route="/",origin="client"}'),
    value(`framegate_message_latency_seconds_count${ofClient}`),
  );
  const seconds = value('framegate_policy_seconds_total{route="/",policy="shape",hook="client"}');
  t.true(seconds > 0 && seconds < 1, String(seconds));
  t.is(value('framegate_policy_breaker{policy="shape",state="closed"}'), 1);
  t.is(value('framegate_policy_breaker{policy="shape",state="open"}'), 0);
  t.is(value("framegate_policy_batch_calls_sum"), 6);
  t.is(value('framegate_policy_batch_calls_bucket{le="+Inf"}'), value("framegate_policy_batch_calls_count"));
  t.true(value('framegate_process_cpu_seconds_total{process="supervisor"}') > 0);
  t.true(value('framegate_process_resident_memory_bytes{process="supervisor"}') > 2 ** 24);
});

test("bytes that a client does not take are seen waiting for it", async (t) => {
  const server = await startServer(t, (socket) => {
    const piece = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 32; i++) socket.send(piece);
  });
  const gateway = await startGateway(t, {
    routes: [{ path: "/", upstream: server.url }],
    config: { console: { port: 0, token: false } },
  });
  const client = await connectClient(t, gateway.url);
  client.socket.pause();
  t.true(
    await eventually("bytes wait in the gateway", async () => {
      const value = await readMetrics(gateway);
      return value('framegate_buffered_bytes{route="/",origin="server"}') > 0;
    }),
  );
});

test("a route whose sessions have ended shows 0, under its whole name, and keeps its counts", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/", name: "the only route", upstream: server.url }],
    config: { console: { port: 0, token: false } },
  });
  const client = await connectClient(t, gateway.url);
  client.send("hello");
  await client.next();
  client.close();
  await gateway.logged(({ msg }) => msg === "session ended");
  const value = await readMetrics(gateway);
  t.is(value('framegate_sessions_open{route="the only route"}', -1), 0);
  t.is(value('framegate_messages_total{route="the only route",origin="server"}'), 1);
  t.is(value('framegate_buffered_bytes{route="the only route",origin="server"}', -1), 0);
});

test("each worker's process counts, with its sandbox", async (t: ExecutionContext) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies,
    routes: [{ path: "/", upstream: server.url, policies: ["shape"] }],
    config: { console: { port: 0, token: false }, workers: 2 },
  });
  for (const process of ["supervisor", "worker", "sandbox"]) {
    const name = `framegate_process_resident_memory_bytes{process="${process}"}`;
    // The hosts' comes with their heartbeat.
    const bytes = await eventually(name, async () => (await readMetrics(gateway))(name) || undefined);
    t.true(bytes > 2 ** 24, name);
  }
  const value = await readMetrics(gateway);
  t.is(value('framegate_policy_breaker{policy="shape",state="closed"}'), 2);
  t.true(value("framegate_event_loop_delay_max_seconds") < 10);
});

/** Gives the value of a line of /metrics, or what stands in for one that is not there. */
async function readMetrics({ gateway }: TestGateway): Promise<(line: string, missing?: number) => number> {
  const { host, port } = gateway.addresses.console!;
  const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const lines = text.split("\n");
  return (name, missing = 0) =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? missing);
}
