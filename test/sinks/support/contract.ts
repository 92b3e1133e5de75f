import test, { type ExecutionContext } from "ava";
import { resolveConfig, type SinkConfig } from "../../../core/config/index.ts";
import { createLogger, type Logger } from "../../../core/log.ts";
import { compileRedaction, USUAL_REDACTION } from "../../../core/redaction/rules.ts";
import { createSinks, type Sinks } from "../../../core/sinks/sinks.ts";
import type { Batch } from "../../../core/traffic/batch/batch.ts";
import { eventually } from "../../support/eventually.ts";
import { batchOf, closeJson, frameJson, jsonBody, upgradeJson } from "../../support/traffic-batch.ts";

/** What is on the other side of a sink, for one test. */
export interface OtherSide {
  /** As `sinks[0]` of a config. */
  readonly input: object;
  /** What has arrived, in the order in which it stands there. */
  read(): Promise<readonly ArrivedRecord[]>;
  /** It is away, as after a kill. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface ArrivedRecord {
  readonly node: string;
  readonly run: string;
  readonly seq: number;
  readonly kind: string;
  readonly session: string;
}

export interface TestedSinks {
  readonly sinks: Sinks;
  readonly lines: readonly string[];
  readonly written: () => number;
  readonly lost: () => Readonly<Record<string, number>>;
}

/** Sinks as a gateway has them, with what they say and count. */
export function openSinks(t: ExecutionContext, input: object): TestedSinks {
  const lines: string[] = [];
  let written = 0;
  const lost: Record<string, number> = {};
  const rules = compileRedaction(USUAL_REDACTION);
  const logger: Logger = createLogger({
    level: "debug",
    rules,
    destination: { write: (line) => void lines.push(line) },
  });
  const sinks = createSinks({
    ...{ logger, rules, node: "node-a" },
    countWritten(_, records) {
      written += records;
    },
    countLost(_, reason, records) {
      if (records > 0) lost[reason] = (lost[reason] ?? 0) + records;
    },
  });
  t.teardown(() => sinks.close());
  sinks.update(configOf(input));
  return { sinks, lines, written: () => written, lost: () => lost };
}

export function configOf(input: object): readonly SinkConfig[] {
  return resolveConfig({ sinks: [input] }, { dir: "/" }).sinks;
}

/** One session: its upgrade, so many messages, its close. */
export function sessionOf(session: number, messages: number, say = "hello"): Batch {
  const text = Buffer.from(say);
  const frame = {
    ...frameJson,
    length: text.length,
    payload: { blob: text.length, binary: false, length: text.length },
  };
  const place = { session, time: 1_700_000_000_000 };
  return batchOf([
    { type: "json", body: jsonBody(upgradeJson), ...place },
    ...Array.from({ length: messages }, (_, index) => ({
      ...{ type: "json" as const, body: jsonBody(frame, [text]) },
      ...{ ...place, sequence: index + 1 },
    })),
    { type: "json", body: jsonBody(closeJson), ...place },
  ]);
}

const SECRET = "hunter2hunter2";

/** What every sink does, whatever is on its other side. `open` gives undefined where that cannot be had here. */
export function testSinkContract(
  name: string,
  open: (t: ExecutionContext) => Promise<OtherSide | undefined>,
): void {
  test(`${name}: all arrives once, in order, named by node, run and number, and no secret with it`, async (t) => {
    const side = await open(t);
    if (side === undefined) return;
    const { sinks, written, lost } = openSinks(t, side.input);
    for (let session = 1; session <= 3; session++)
      sinks.take(sessionOf(session, 700, `{"password":"${SECRET}"} token=${SECRET} \0 \ud800 \\u0000`));
    await eventually("all of them", () => written() === 2106);
    await sinks.close();
    const arrived = await side.read();
    t.deepEqual(
      arrived.map(({ seq }) => seq),
      Array.from({ length: 2106 }, (_, index) => index + 1),
    );
    t.is(new Set(arrived.map(({ node, run }) => `${node} ${run}`)).size, 1);
    t.is(arrived[0]!.node, "node-a");
    t.is(arrived.filter(({ kind }) => kind === "frame").length, 2100);
    t.false(JSON.stringify(arrived).includes(SECRET));
    t.true(JSON.stringify(arrived).includes("[redacted]"));
    t.deepEqual(lost(), {});
  });

  test(`${name}: while it is away records wait within a bound, the rest is lost and counted; then it goes on`, async (t) => {
    const side = await open(t);
    if (side === undefined) return;
    const input = { ...side.input, queue: "256KiB", every: "10ms", timeout: "2s" };
    const { sinks, lines, written, lost } = openSinks(t, input);
    sinks.take(sessionOf(1, 8));
    await eventually("the first ones", () => written() === 10);
    await side.stop();
    sinks.take(sessionOf(2, 8));
    await eventually("a problem", () => sinks.stats()[0]!.problem !== "");
    sinks.take(sessionOf(3, 998));
    await eventually("a loss", () => (lost().full ?? 0) > 0);
    t.true(sinks.stats()[0]!.queuedBytes <= 256 * 1024);
    await side.start();
    await eventually("the rest", () => written() + lost().full! === 1020);
    await eventually("no problem", () => sinks.stats()[0]!.problem === "");
    await sinks.close();
    const numbers = (await side.read()).map(({ seq }) => seq);
    t.is(numbers.length, written());
    t.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
    );
    t.deepEqual(Object.keys(lost()), ["full"]);
    t.is(lines.filter((line) => line.includes("the sink takes no records of traffic: they wait")).length, 1);
    t.is(lines.filter((line) => line.includes("the sink takes records of traffic again")).length, 1);
  });

  test(`${name}: a stop writes what waits, and of one that is away counts it`, async (t) => {
    const side = await open(t);
    if (side === undefined) return;
    const input = { ...side.input, every: "1h" };
    const first = openSinks(t, input);
    first.sinks.take(sessionOf(1, 3));
    await first.sinks.close();
    t.is((await side.read()).length, 5);
    const second = openSinks(t, input);
    await side.stop();
    second.sinks.take(sessionOf(2, 3));
    await second.sinks.close();
    t.is(second.written() + (second.lost().stopped ?? 0), 5);
    await side.start();
    t.is((await side.read()).length, 5 + second.written());
  });
}
