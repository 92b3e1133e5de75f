import { spawnSync } from "node:child_process";
import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { createFileSink } from "../../core/sinks/files/file-sink.ts";
import type { Har } from "../../core/traffic/har/har.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { readMetric } from "../support/metrics.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { configOf, openSinks, sessionOf, testSinkContract } from "./support/contract.ts";

async function makeDir(t: ExecutionContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "framegate-sinks-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function linesOf(dir: string): Promise<string[]> {
  const names = (await readdir(dir))
    .sort((a, b) => a.length - b.length)
    .reverse()
    .sort(byAge);
  const texts = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(dir, name));
      return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    }),
  );
  return texts.flatMap((text) => text.split("\n").filter((line) => line !== ""));
}

/** Those put away first, by their time; the one that grows last. */
function byAge(a: string, b: string): number {
  const key = (name: string) => (name === "files.jsonl" ? "~" : name.replace("files-", ""));
  return key(a) < key(b) ? -1 : 1;
}

testSinkContract("files", async (t) => {
  const dir = await makeDir(t);
  const traffic = join(dir, "traffic");
  return {
    input: { files: { dir: traffic, maxFileSize: "700KiB" } },
    read: async () => (await linesOf(traffic)).map((line) => JSON.parse(line)),
    async stop() {
      await rename(traffic, join(dir, "away")).catch(() => {});
      // A sink that is just being opened makes it anew.
      await eventually("a file in its place", async () => {
        await rm(traffic, { recursive: true, force: true });
        return writeFile(traffic, "no folder").then(
          () => true,
          () => false,
        );
      });
    },
    async start() {
      await rm(traffic);
      await rename(join(dir, "away"), traffic).catch(() => {});
    },
  };
});

const files = {
  maxFileBytes: 2000,
  rotateMs: 60_000,
  keepFiles: 100,
  keepBytes: 1e9,
  keepMs: 0,
  gzip: false,
};
const none = AbortSignal.timeout(60_000);
let seq = 0;
const recordOf = (kind: "frame" | "close" = "frame", session = "s-1") => {
  const place = { node: "a", run: "r", seq: ++seq, time: 1, kind, session, route: "/" };
  return { ...place, json: JSON.stringify({ ...place, fill: "x".repeat(100) }) };
};

test("files rotate by size and by age, and are kept by number, by bytes and by age", async (t) => {
  const dir = await makeDir(t);
  let time = Date.now();
  const open = async (rest: object) => {
    const sink = createFileSink({ ...files, dir, name: "files", format: "jsonl", now: () => time, ...rest });
    await sink.open(none);
    return sink;
  };
  const sink = await open({ keepFiles: 2 });
  for (let index = 0; index < 10; index++) {
    time += 10;
    // Twice as much is a file.
    await sink.write(
      Array.from({ length: 5 }, () => recordOf()),
      none,
    );
  }
  await sink.close();
  t.is((await readdir(dir)).length, 3);
  const later = await open({});
  time += 61_000;
  await later.write([recordOf()], none);
  await later.close();
  t.is((await readdir(dir)).length, 4);
  t.is((await linesOf(dir)).length, 10 + 10 + 10 + 1);
  await (await open({ keepBytes: 4000 })).close();
  t.is((await readdir(dir)).length, 3);
  const [oldest = ""] = await readdir(dir);
  t.true((await stat(join(dir, oldest))).mode % 0o1000 === 0o600);
  time += 3_600_000;
  await (await open({ keepMs: 3_600_000 })).close();
  t.deepEqual(await readdir(dir), ["files.jsonl"]);
});

test("what is put away is compressed, what a kill has left is finished, and half a line goes", async (t) => {
  const dir = await makeDir(t);
  await writeFile(join(dir, "files-2026-01-01T00-00-00-000Z.jsonl"), '{"seq":1}\n');
  await writeFile(join(dir, "files-2026-01-01T00-00-00-000Z.jsonl.gz.part"), "half");
  await writeFile(join(dir, "files.jsonl"), '{"seq":2}\n{"se');
  await writeFile(join(dir, "files-of-another.jsonl"), "not ours\n");
  const sink = createFileSink({ ...files, dir, name: "files", format: "jsonl", gzip: true });
  await sink.open(none);
  await sink.write([recordOf()], none);
  await sink.close();
  t.deepEqual((await readdir(dir)).sort(), [
    "files-2026-01-01T00-00-00-000Z.jsonl.gz",
    "files-of-another.jsonl",
    "files.jsonl",
  ]);
  t.is(
    gunzipSync(await readFile(join(dir, "files-2026-01-01T00-00-00-000Z.jsonl.gz"))).toString(),
    '{"seq":1}\n',
  );
  t.regex(await readFile(join(dir, "files.jsonl"), "utf8"), /^\{"seq":2\}\n\{"node":"a".*\n$/);
});

for (const half of ["", ',{"', ',{"\n', ',{"half an entry'])
  test(`HAR: a session an entry when it has ended, a whole file after each write, also after a kill at ${JSON.stringify(half)}`, async (t) => {
    const dir = await makeDir(t);
    const path = join(dir, "files.har");
    const read = async () => JSON.parse(await readFile(path, "utf8")) as Har;
    const { sinks, written } = openSinks(t, { files: { dir, format: "har" }, every: "10ms" });
    sinks.take(sessionOf(1, 2));
    sinks.take(sessionOf(2, 1));
    await eventually("both sessions", () => written() === 7);
    const { log } = await read();
    t.deepEqual(
      log.entries.map((entry) => [
        entry._framegate.session,
        entry._webSocketMessages?.map(({ data }) => data),
      ]),
      [
        ["w1-1", ["hello", "hello"]],
        ["w1-2", ["hello"]],
      ],
    );
    await sinks.close();
    // Over the tail, when it is killed.
    await truncate(path, (await stat(path)).size - "]}}\n".length);
    await appendFile(path, half);
    const again = openSinks(t, { files: { dir, format: "har" } });
    const batch = sessionOf(3, 1);
    again.sinks.take({ ...batch, worker: "w2" });
    await again.sinks.close();
    t.deepEqual(
      (await read()).log.entries.map(({ _framegate: { session, close } }) => [session, close?.code]),
      [
        ["w1-1", 1000],
        ["w1-2", 1000],
        ["w2-3", 1000],
      ],
    );
  });

test("a full disk: nothing is there twice, the log says it, and it goes on when there is room", async (t) => {
  const dir = await makeDir(t);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=400k", "framegate-test", dir]).status !== 0)
    return void t.pass("no file system can be mounted here");
  t.teardown(() => void spawnSync("umount", [dir]));
  await writeFile(join(dir, "fill"), Buffer.alloc(350 * 1024));
  const { sinks, lines, written, lost } = openSinks(t, { files: { dir, gzip: false }, every: "10ms" });
  sinks.take(sessionOf(1, 300));
  await eventually("the line", () => lines.some((line) => line.includes("the disk is full")));
  await rm(join(dir, "fill"));
  sinks.take(sessionOf(2, 1));
  await eventually("that it goes on", () => written() === 305);
  await sinks.close();
  const numbers = (await linesOf(dir)).map((line) => (JSON.parse(line) as { seq: number }).seq);
  t.is(numbers.length, written());
  t.is(new Set(numbers).size, numbers.length);
  t.is(written() + (lost().stopped ?? 0), 305);
});

test("which records a sink takes, and what of them", async (t) => {
  const dir = await makeDir(t);
  const { sinks, lost } = openSinks(t, {
    files: { dir },
    payloads: "none",
    kinds: ["frame"],
    routes: ["/chat"],
  });
  sinks.take(sessionOf(1, 2));
  sinks.take({ ...sessionOf(2, 2), routes: ["/other"] });
  sinks.take({ ...sessionOf(3, 2), purpose: "log" });
  await sinks.close();
  const records = (await linesOf(dir)).map((line) => JSON.parse(line));
  t.deepEqual(
    records.map(({ seq, kind, route, payload }) => [seq, kind, route, payload]),
    [
      [2, "frame", "/chat", null],
      [3, "frame", "/chat", null],
    ],
  );
  t.deepEqual(lost(), {});
});

test("a new config opens what is new, closes what is gone, and leaves what is as it was", async (t) => {
  const dir = await makeDir(t);
  // One record a session.
  const rest = { every: "1h", kinds: ["close"] };
  const { sinks } = openSinks(t, { files: { dir: join(dir, "a") }, ...rest });
  sinks.take(sessionOf(1, 1));
  const [a] = configOf({ files: { dir: join(dir, "a") }, ...rest });
  const [b] = configOf({ files: { dir: join(dir, "b") }, name: "b", ...rest });
  await eventually("records that wait", () => sinks.stats()[0]!.queuedBytes > 0);
  sinks.update([b!, a!]);
  sinks.take(sessionOf(2, 1));
  await eventually("records that wait", () => sinks.stats()[0]!.queuedBytes > 0);
  sinks.update([b!]);
  await eventually("both sessions in the one that is gone", async () => {
    const text = await readFile(join(dir, "a/files.jsonl"), "utf8").catch(() => "");
    return text.split("\n").length === 3;
  });
  await sinks.close();
  t.is((await readFile(join(dir, "b/b.jsonl"), "utf8")).split("\n").length, 2);
});

test("a sink that a new config changes goes on where the old one has ended: nothing is written over", async (t) => {
  const dir = await makeDir(t);
  const input = { files: { dir } };
  const { sinks, written, lost } = openSinks(t, { ...input, every: "1h" });
  for (let round = 1; round <= 8; round++) {
    sinks.take(sessionOf(round, 300));
    await eventually("records that wait", () => sinks.stats()[0]!.queuedBytes > 0);
    sinks.update(configOf({ ...input, every: `${round + 1}h` }));
  }
  await sinks.close();
  const numbers = (await linesOf(dir)).map((line) => (JSON.parse(line) as { seq: number }).seq);
  t.is(numbers.length, written());
  t.is(new Set(numbers).size, 8 * 302);
  t.deepEqual(lost(), {});
});

test("a gateway: what it records is in its sinks, in order, and nothing more of a sink that a reload takes away", async (t) => {
  const dir = await makeDir(t);
  const server = await startServer(t);
  const routes = [{ path: "/*", upstream: server.url, recording: true }];
  const gateway = await startGateway(t, {
    routes,
    config: { sinks: [{ files: { dir }, every: "10ms" }], console: { port: 0, token: false } },
  });
  const say = async (text: string) => {
    const client = await connectClient(t, `${gateway.url}?token=hunter2hunter2`);
    client.send(text);
    await client.next();
    client.close(1000);
    await client.closed;
  };
  await say("first");
  await eventually("the session's end", async () => (await linesOf(dir)).length === 6);
  const records = (await linesOf(dir)).map((line) => JSON.parse(line));
  t.deepEqual(
    records.map(({ seq, kind, node, payload }) => [seq, kind, node, payload?.data]),
    [
      [1, "upgrade", hostname(), undefined],
      [2, "frame", hostname(), "first"],
      [3, "frame", hostname(), "first"],
      [4, "frame", hostname(), "A+g="],
      [5, "frame", hostname(), "A+g="],
      [6, "close", hostname(), undefined],
    ],
  );
  t.false(JSON.stringify(records).includes("hunter2"));
  t.is(records[0].session, records[5].session);
  t.deepEqual(await readMetric(gateway, "framegate_sink_records_total"), ['{sink="files"} 6']);
  t.deepEqual(await readMetric(gateway, "framegate_sink_up"), ['{sink="files"} 1']);
  await gateway.gateway.reload({
    ...resolveConfig(
      { listen: [{ host: "127.0.0.1", port: 0 }], policies: gateway.dir, routes },
      { dir: "/" },
    ),
    policiesDir: gateway.dir,
  });
  await say("second");
  await gateway.gateway.stop();
  t.is((await linesOf(dir)).length, 6);
});
