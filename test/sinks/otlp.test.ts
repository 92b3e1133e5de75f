import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { registerHooks } from "node:module";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { SINK_PACKAGES } from "../../core/sinks/packages.ts";
import { askHttp } from "../../core/source/drivers/http-client.ts";
import { readDocument } from "../docs/documents.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { type ArrivedRecord, openSinks, sessionOf, testSinkContract } from "./support/contract.ts";

interface Collector {
  readonly url: string;
  readonly got: { readonly headers: IncomingMessage["headers"]; readonly body: Buffer }[];
  /** What it answers from now on. */
  answer: { readonly status: number; readonly body?: string };
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Takes what it is sent, as a collector does, over real HTTP. */
async function startCollector(t: ExecutionContext): Promise<Collector> {
  const got: Collector["got"] = [];
  let port = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { status, body = "" } = collector.answer;
    if (status < 300) got.push({ headers: request.headers, body: Buffer.concat(parts) });
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  });
  const start = async () => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await start();
  t.teardown(stop);
  const collector: Collector = {
    url: `http://127.0.0.1:${port}/v1/logs`,
    got,
    answer: { status: 200 },
    stop,
    start,
  };
  return collector;
}

interface JsonLogs {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly JsonLog[] }[];
  }[];
}
interface JsonLog {
  readonly timeUnixNano: string;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly Attribute[];
}
interface Attribute {
  readonly key: string;
  readonly value: object;
}

interface JsonMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly JsonMetric[] }[];
  }[];
}
interface JsonMetric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly { readonly asDouble: number }[] };
  readonly gauge?: { readonly dataPoints: readonly { readonly asDouble: number }[] };
  readonly histogram?: {
    readonly dataPoints: readonly {
      readonly bucketCounts: readonly (number | string)[];
      readonly explicitBounds: readonly number[];
      readonly count: number | string;
    }[];
  };
}

function logsOf({ got }: Collector): readonly JsonLog[] {
  const all = got.map(({ body }) => JSON.parse(body.toString()) as JsonLogs);
  return all.flatMap(({ resourceLogs }) =>
    resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
  );
}

testSinkContract("otlp", async (t) => {
  const collector = await startCollector(t);
  return {
    input: { otlp: { endpoint: collector.url, format: "json" } },
    read: async () => logsOf(collector).map(({ body }) => JSON.parse(body.stringValue) as ArrivedRecord),
    stop: collector.stop,
    start: collector.start,
  };
});

test("a log record: when, what, how bad, and what one looks for; headers from variables", async (t) => {
  process.env.FRAMEGATE_TEST_OTLP = "correct horse";
  const collector = await startCollector(t);
  const headers = { "api-key": { env: "FRAMEGATE_TEST_OTLP" }, "x-team": "edge" };
  const { sinks, lines } = openSinks(t, { otlp: { endpoint: collector.url, format: "json", headers } });
  sinks.take(sessionOf(1, 1));
  await sinks.close();
  const [upgrade] = logsOf(collector);
  t.is(upgrade!.timeUnixNano, "1700000000000000000");
  t.deepEqual([upgrade!.eventName, upgrade!.severityText], ["framegate.upgrade", "INFO"]);
  t.deepEqual(upgrade!.attributes.find(({ key }) => key === "framegate.session")?.value, {
    stringValue: "w1-1",
  });
  t.like(collector.got[0]!.headers, { "api-key": "correct horse", "x-team": "edge" });
  t.false(lines.join().includes("horse"));
});

test("a secret that no header can have is named by its header, and is in no line", async (t) => {
  process.env.FRAMEGATE_TEST_HEADER = "correct horse\nbattery";
  const secret = { env: "FRAMEGATE_TEST_HEADER" };
  const asked = [
    openSinks(t, {
      otlp: { endpoint: "http://127.0.0.1:9/", headers: { "api-key": secret } },
      every: "10ms",
    }),
    openSinks(t, { clickhouse: { url: "http://127.0.0.1:9/", user: "u", password: secret } }),
  ];
  for (const [index, name] of ["api-key", "X-ClickHouse-Key"].entries()) {
    const { sinks, lines } = asked[index]!;
    sinks.take(sessionOf(1, 1));
    await eventually("the problem", () => sinks.stats()[0]!.problem !== "");
    const { problem } = sinks.stats()[0]!;
    t.true(problem.includes(`the value for the header ${name} has a line break`), problem);
    t.false([problem, ...lines].join().includes("horse"));
  }
  const headers = { Authorization: "Bearer correct horse\nbattery" };
  const ask = { headers, signal: AbortSignal.timeout(60_000), maxBytes: 1 };
  const error = await t.throwsAsync(askHttp("http://127.0.0.1:9/", ask, true));
  t.regex(error!.message, /the value for the header Authorization has a line break/);
  t.false(error!.message.includes("horse"));
});

test("protobuf: the same, as the wire has it", async (t) => {
  const collector = await startCollector(t);
  const { sinks } = openSinks(t, { otlp: { endpoint: collector.url } });
  sinks.take(sessionOf(1, 2));
  await sinks.close();
  const [{ headers, body }] = collector.got as [Collector["got"][number]];
  t.is(headers["content-type"], "application/x-protobuf");
  // opentelemetry/proto/logs/v1/logs.proto: resource_logs 1, scope_logs 2, log_records 2, body 5, string_value 1.
  const logs = fieldsOf(body, 1)
    .flatMap((each) => fieldsOf(each, 2))
    .flatMap((each) => fieldsOf(each, 2));
  const texts = logs.flatMap((each) => fieldsOf(each, 5)).flatMap((each) => fieldsOf(each, 1));
  t.deepEqual(
    texts.map((text) => (JSON.parse(text.toString()) as ArrivedRecord).seq),
    [1, 2, 3, 4],
  );
});

test("what a collector refuses is lost, and not sent again; what it cannot take now is", async (t) => {
  const collector = await startCollector(t);
  const { sinks, lines, written, lost } = openSinks(t, { otlp: { endpoint: collector.url }, every: "10ms" });
  collector.answer = { status: 400, body: "no such thing" };
  sinks.take(sessionOf(1, 1));
  await eventually("the loss", () => lost().refused === 3);
  t.true(lines.some((line) => line.includes("it answered 400: no such thing")));
  collector.answer = { status: 503 };
  sinks.take(sessionOf(2, 1));
  await eventually("the problem", () => sinks.stats()[0]!.problem.includes("it answered 503"));
  collector.answer = { status: 200 };
  await eventually("the records", () => written() === 3);
  t.deepEqual(lost(), { refused: 3 });
  const json = openSinks(t, { otlp: { endpoint: collector.url, format: "json" }, every: "10ms" });
  const partialSuccess = { rejectedLogRecords: "1", errorMessage: "one is too old" };
  collector.answer = { status: 200, body: JSON.stringify({ partialSuccess }) };
  json.sinks.take(sessionOf(3, 8));
  await eventually("the loss", () => json.lost().refused === 1);
  t.is(json.written(), 9);
  t.true(json.lines.some((line) => line.includes("1 of them are refused: one is too old")));
});

test("an answer without an end is not read: what has arrived counts, and the server sees the connection end", async (t) => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const chunk = Buffer.alloc(64 * 1024);
      const send = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.writeHead(200).on("drain", send).on("close", resolve);
      send();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/v1/logs`;
  const { sinks, written } = openSinks(t, { otlp: { endpoint }, every: "10ms", timeout: "1h" });
  sinks.take(sessionOf(1, 1));
  await ended;
  t.true(await eventually("the records", () => written() === 3));
});

test("the numbers of a gateway, again and again: sums, gauges and histograms as they are in /metrics", async (t) => {
  const collector = await startCollector(t);
  collector.answer = { status: 503 };
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url }],
    config: {
      console: { port: 0, token: false },
      telemetry: { metrics: { endpoint: collector.url, every: "50ms", format: "json" } },
    },
  });
  const client = await connectClient(t, gateway.url);
  client.send("hello");
  await client.next();
  await gateway.logged(({ msg }) => msg.startsWith("metrics are not taken by 127.0.0.1:"));
  collector.answer = { status: 200 };
  await gateway.logged(({ msg }) => msg === "metrics are taken again");
  const find = (name: string) => {
    const { body } = collector.got.at(-1)!;
    const { resourceMetrics } = JSON.parse(body.toString()) as JsonMetrics;
    return resourceMetrics[0]!.scopeMetrics[0]!.metrics.find((metric) => metric.name === name);
  };
  const sum = find("framegate_upgrades_total")!.sum!;
  t.like(sum, { isMonotonic: true, aggregationTemporality: 2 });
  t.is(sum.dataPoints[0]!.asDouble, 1);
  t.is(find("framegate_build_info")!.gauge!.dataPoints[0]!.asDouble, 1);
  const [histogram] = find("framegate_upgrade_seconds")!.histogram!.dataPoints;
  t.is(histogram!.bucketCounts.length, histogram!.explicitBounds.length + 1);
  t.is(
    histogram!.bucketCounts.reduce<number>((all, count) => all + Number(count), 0),
    Number(histogram!.count),
  );
});

test("a package that is not installed: the sink is down, and the line that installs it is in the log", async (t) => {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === "@platformatic/kafka" ? "@platformatic/not-installed" : specifier, context),
  });
  t.teardown(() => hooks.deregister());
  const { sinks, lines } = openSinks(t, { kafka: { brokers: ["127.0.0.1:9"] } });
  await eventually("the problem", () => sinks.stats()[0]!.problem !== "");
  const install = `npm install --save-exact @platformatic/kafka@${SINK_PACKAGES["@platformatic/kafka"]}`;
  t.true(lines.some((line) => line.includes(install)));
});

test("the packages that sinks need are named with the versions that are tested", async (t) => {
  const { devDependencies, peerDependencies } = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  ) as Record<"devDependencies" | "peerDependencies", Record<string, string>>;
  const page = await readDocument("docs/sinks.md");
  for (const [name, version] of Object.entries(SINK_PACKAGES)) {
    t.is(devDependencies[name], version);
    t.is(peerDependencies[name]?.replace("^", ""), version);
    t.true(page.includes(`npm install --save-exact ${name}@${version}`), name);
  }
});

/** The bytes of all length-delimited fields of this number (protobuf.dev/programming-guides/encoding). */
function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag % 8;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
