import test, { type ExecutionContext } from "ava";
import type { GatewayEvent } from "../../core/events.ts";
import { FlowTrace } from "../../core/session/tap/flow-trace.ts";
import { createMessageSampling } from "../../core/telemetry/message-sampling.ts";
import type { OtlpSpan } from "../../core/telemetry/otlp.ts";
import { startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer, type TestServer } from "../support/peers/peers.ts";
import { namesOf } from "../support/policies.ts";
import { attributesOf, type Collector, startCollector } from "./collector.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const failing = `export const client = ({ content }) => {
  if (content.body === "throw") throw new Error("no");
};`;
const traceparent = `00-${traceId}-${parentId}-01`;

test("a session is one span, below the client's, with its faults as events", async (t) => {
  const { collector, gateway, server } = await start(t, {
    workers: 1,
    policies: { "failing.ts": failing },
  });
  const startedAt = Date.now();
  const client = await connectClient(t, `${gateway.url}/chat?secret=1`, { headers: { traceparent } });
  client.send("throw");
  client.send("hello");
  await client.take(2);
  client.close(4001, "enough");
  await client.closed;

  const span = await collector.next();
  t.like(span, { traceId, parentSpanId: parentId, name: "websocket /chat", kind: 2, status: {} });
  t.regex(span.spanId, /^[\da-f]{16}$/);
  const [from, to] = [span.startTimeUnixNano, span.endTimeUnixNano].map((time) =>
    Number(BigInt(time) / 1_000_000n),
  );
  t.true(from! <= to! && Math.abs(from! - startedAt) < 60_000);
  const attributes = attributesOf(span);
  t.like(attributes, {
    "http.route": "/chat",
    "url.path": "/chat",
    "http.response.status_code": 101,
    "framegate.policies": ["failing"],
    "framegate.close.code": 4001,
    "framegate.close.reason": "enough",
    "framegate.close.initiator": "client",
    "framegate.messages.client": 2,
    "framegate.messages.server": 2,
  });
  t.true(String(attributes["framegate.server"]).includes(String(server.port)));
  t.is(span.events.length, 1);
  t.is(span.events[0]!.name, "exception");
  t.like(attributesOf(span.events[0]!), {
    "exception.type": "throw",
    "framegate.policy": "failing",
    "framegate.hook": "client",
  });

  const [request] = collector.requests;
  t.is(request!.path, "/v1/traces");
  t.like(request!.headers, { "content-type": "application/json", "api-key": "k1" });
  t.like(attributesOf(request!.body.resourceSpans[0]!.resource), { "service.name": "edge" });
  const started = await gateway.logged(({ msg }) => msg === "session started");
  t.is(started.trace, traceId);
  t.is(attributes["framegate.session"], started.id);
});

test("a message that is sampled is a span below its session's, with one for each policy that saw it", async (t) => {
  const { collector, gateway } = await start(t, {
    workers: 1,
    policies: {
      "failing.ts": failing,
      "stamp.ts": `export const client = ({ content }) => ({ content: { body: content.body + "!" } });`,
    },
    messages: 1,
  });
  const client = await connectClient(t, `${gateway.url}/chat`, { headers: { traceparent } });
  client.send("throw");
  t.is(await client.next(), "throw!");
  client.close();
  const [message, first, second, session] = await collect(collector, 4);
  t.like(message, { traceId, name: "client message", kind: 1, status: {}, parentSpanId: session!.spanId });
  t.like(attributesOf(message!), {
    "http.route": "/chat",
    "framegate.message.sequence": 1,
    "framegate.message.bytes": 5,
    "framegate.message.outcome": "replaced",
  });
  t.like(first, { traceId, name: "policy failing", parentSpanId: message!.spanId, status: { code: 2 } });
  t.like(attributesOf(first!), { "framegate.verdict": "failed", "framegate.hook": "client" });
  t.like(second, { name: "policy stamp", parentSpanId: message!.spanId, status: {} });
  t.like(attributesOf(second!), { "framegate.verdict": "replaced" });
  t.regex(String(attributesOf(second!)["framegate.policy.version"]), /^[0-9a-f]{12}$/);
  // One is called when the one before it has answered.
  t.true(BigInt(second!.startTimeUnixNano) >= BigInt(first!.endTimeUnixNano));
  t.true(BigInt(message!.endTimeUnixNano) >= BigInt(second!.endTimeUnixNano));
});

test("messages beyond those of a second have no spans, and the next that has says how many they were", (t) => {
  const events: GatewayEvent[] = [];
  let now = 5000;
  const sampling = createMessageSampling(
    1,
    (event) => events.push(event),
    () => now,
  );
  const sampler = sampling.open("s-1", "/")!;
  const taken = Array.from({ length: 250 }, () => sampler.takes()).filter(Boolean);
  t.is(taken.length, 200);
  now = 6000;
  t.true(sampling.open("s-2", "/")!.takes());
  const trace = new FlowTrace(
    { isCompressed: false, maskKey: 0, frames: 1 },
    { binary: false, bytes: Buffer.from("hi") },
    1,
  );
  const result = { outcome: "passed", after: undefined, replies: [], appended: [] } as const;
  for (const sequence of [7, 8]) sampler.message({ origin: "server", sequence, trace, result });
  t.like(events, [
    { type: "message-traced", id: "s-1", sequence: 7, length: 2, missed: 50 },
    { sequence: 8, missed: 0 },
  ]);
  t.is(createMessageSampling(0, () => {}).open("s-3", "/"), undefined);
});

test("what is hidden in the log is hidden in spans: secrets that a policy tells, and what `redact` names", async (t) => {
  process.env.TRACED_SECRET = "hunter2-of-the-traces";
  const { collector, gateway } = await start(t, {
    policies: {
      "telling.ts": `export const client = async ({ content, secrets }) => {
        const key = await secrets.get("KEY");
        if (content.body === "throw") throw new Error("bad key " + key);
        return { close: { code: 4001, reason: "key " + key + " and card 4000-1234" } };
      };`,
    },
    messages: 1,
    config: {
      secrets: { KEY: { env: "TRACED_SECRET" } },
      grants: { telling: { secrets: ["KEY"] } },
      redact: { patterns: [{ pattern: "4000-\\d{4}" }] },
    },
  });
  const client = await connectClient(t, `${gateway.url}/chat`);
  client.send("throw");
  await client.next();
  client.send("close");
  await client.closed;
  const spans = await collect(collector, 5);
  const session = spans.find(({ kind }) => kind === 2)!;
  t.is(attributesOf(session)["framegate.close.reason"], "key [redacted] and card [redacted]");
  t.is(attributesOf(session.events[0]!)["exception.message"], "`client` threw Error: bad key [redacted]");
  const failed = spans.find(({ status }) => status.code === 2)!;
  t.regex(failed.status.message!, /bad key \[redacted\]/);
  t.regex(String(attributesOf(failed)["framegate.verdict.detail"]), /bad key \[redacted\]/);
  t.notRegex(JSON.stringify(spans), /hunter2|4000-1234/);
});

test("the span of a session whose client was held says for how long, and names its server", async (t) => {
  const { collector, gateway, server } = await start(t, {
    policies: {
      "away.ts": `export const unavailable = ({ options }) => ({ connect: options.to, hold: true });`,
    },
    heldTo: true,
  });
  const client = await connectClient(t, `${gateway.url}/held`);
  await gateway.logged(({ msg }) => msg === "held client has its server");
  client.close();
  const attributes = attributesOf(await collector.next());
  t.like(attributes, { "framegate.hold.outcome": "reached", "framegate.hold.policy": "away" });
  t.true(Number(attributes["framegate.hold.duration_ms"]) > 0);
  t.true(String(attributes["framegate.server"]).includes(String(server.port)));
});

test("the server hears of the gateway's span, and of the client's tracestate", async (t) => {
  const { collector, gateway, server } = await start(t);
  const client = await connectClient(t, `${gateway.url}/chat`, {
    headers: { traceparent, tracestate: "vendor=1" },
  });
  client.close();
  const { spanId } = await collector.next();
  t.like(server.requests[0]!.headers, { traceparent: `00-${traceId}-${spanId}-01`, tracestate: "vendor=1" });
});

test("a traceparent that is not valid is not passed on, nor is its tracestate", async (t) => {
  const { collector, gateway, server } = await start(t);
  const headers = { traceparent: `00-${traceId}-${"0".repeat(16)}-01`, tracestate: "vendor=1" };
  const client = await connectClient(t, `${gateway.url}/chat`, { headers });
  client.close();
  const span = await collector.next();
  t.not(span.traceId, traceId);
  t.is(span.parentSpanId, undefined);
  const { headers: heard } = server.requests[0]!;
  t.is(heard.traceparent, `00-${span.traceId}-${span.spanId}-01`);
  t.is(heard.tracestate, undefined);
});

test("what a client does not want sampled is not, and its trace goes on", async (t) => {
  const { collector, gateway, server } = await start(t);
  const unsampled = await connectClient(t, `${gateway.url}/chat`, {
    headers: { traceparent: `00-${traceId}-${parentId}-00` },
  });
  unsampled.close(4002);
  await gateway.logged(({ msg, code }) => msg === "session ended" && code === 4002);
  const sampled = await connectClient(t, `${gateway.url}/chat`);
  sampled.close(4003);
  t.like(attributesOf(await collector.next()), { "framegate.close.code": 4003 });
  t.regex(
    String(server.requests[0]!.headers.traceparent),
    new RegExp(`^00-${traceId}-(?!${parentId}).{16}-00$`),
  );
});

test("an upgrade that is refused is a span; an error only where the gateway or the server is to blame", async (t) => {
  const { collector, gateway } = await start(t);
  await refusedUpgrade(`${gateway.url}/elsewhere`);
  const missing = await collector.next();
  t.like(attributesOf(missing), { "http.response.status_code": 404, "error.type": "ERR_NO_ROUTE" });
  t.deepEqual(missing.status, {});

  await refusedUpgrade(`${gateway.url}/dead`);
  const dead = await collector.next();
  t.like(attributesOf(dead), { "http.response.status_code": 502, "http.route": "/dead" });
  t.is(dead.status.code, 2);
});

test("what the collector cannot take now is sent again", async (t) => {
  const { collector, gateway } = await start(t);
  collector.status = 503;
  (await connectClient(t, `${gateway.url}/chat`)).close(4004);
  await gateway.logged(({ msg }) => msg.startsWith("traces are not taken by 127.0.0.1:"));
  collector.status = 200;
  t.like(attributesOf(await collector.next()), { "framegate.close.code": 4004 });
  await gateway.logged(({ msg }) => msg === "traces are taken again");
  t.regex(await readMetrics(gateway), /^framegate_trace_spans_total{outcome="sent"} 1$/m);
});

test("what the collector refuses is dropped and counted", async (t) => {
  const { collector, gateway } = await start(t);
  collector.status = 400;
  (await connectClient(t, `${gateway.url}/chat`)).close();
  await gateway.logged(({ msg }) => msg.endsWith("it answered 400"));
  t.regex(await readMetrics(gateway), /^framegate_trace_spans_total{outcome="dropped"} 1$/m);
});

test("spans that wait are sent when the gateway stops", async (t) => {
  const { collector, gateway } = await start(t);
  await connectClient(t, `${gateway.url}/chat`);
  await gateway.stop();
  t.like(attributesOf(await collector.next()), { "framegate.close.code": 1001 });
});

test("without telemetry trace headers pass through as they are, whatever they are", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, { routes: [{ path: "/", upstream: server.url }] });
  await connectClient(t, gateway.url, { headers: { traceparent: "mine", tracestate: "b=2" } });
  t.like(server.requests[0]!.headers, { traceparent: "mine", tracestate: "b=2" });
});

async function start(
  t: ExecutionContext,
  { workers = 0, policies = {}, messages = 0, config = {}, heldTo = false } = {},
): Promise<{ collector: Collector; gateway: TestGateway; server: TestServer }> {
  const collector = await startCollector(t);
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies,
    routes: [
      { path: "/chat", upstream: server.url, policies: namesOf(policies), onError: "pass" },
      { path: "/dead", upstream: "ws://127.0.0.1:1" },
      ...(heldTo ? [heldRoute(server.url)] : []),
    ],
    config: {
      ...{ workers, ...config },
      console: { port: 0, token: false },
      telemetry: {
        traces: { endpoint: collector.endpoint, headers: { "Api-Key": "k1" }, messages, service: "edge" },
      },
    },
  });
  return { collector, gateway, server };
}

/** A policy names the server for those who have none. */
function heldRoute(to: string) {
  const connect = { allow: [to] };
  return {
    path: "/held",
    upstream: "unix:/none/a.sock",
    connect,
    policies: [{ use: "away", options: { to } }],
  };
}

async function collect(collector: Collector, count: number): Promise<readonly OtlpSpan[]> {
  const spans: OtlpSpan[] = [];
  while (spans.length < count) spans.push(await collector.next());
  return spans;
}

async function readMetrics({ gateway }: TestGateway): Promise<string> {
  const { host, port } = gateway.addresses.console!;
  return (await fetch(`http://${host}:${port}/metrics`)).text();
}
