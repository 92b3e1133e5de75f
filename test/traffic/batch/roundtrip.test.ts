import { PassThrough } from "node:stream";
import test from "ava";
import { compileRedaction, USUAL_REDACTION } from "../../../core/redaction/rules.ts";
import type { Batch } from "../../../core/traffic/batch/batch.ts";
import { BatchOutbox } from "../../../core/traffic/batch/batch-outbox.ts";
import { BatchWriter } from "../../../core/traffic/batch/batch-writer.ts";
import { receiveBatches } from "../../../core/traffic/batch/pipe.ts";
import { readRecords } from "../../../core/traffic/batch/reader.ts";
import { trafficRecordSchema } from "../../../core/traffic/records.ts";
import { createMemoryStore } from "../../../core/traffic/store/memory-store.ts";
import { closeJson, frameJson, hookJson, upgradeJson } from "../../support/traffic-batch.ts";
import { frame, naiveMask } from "../../wire/frames.ts";

const bounds = { maxBytes: 64 * 1024 * 1024, maxRecords: 1_000_000, maxAgeMs: 0, subjects: ["user"] };

test("what a worker writes, through a pipe and cut anywhere, is what the store gives", async (t) => {
  const store = createMemoryStore({ bounds, rules: compileRedaction(USUAL_REDACTION) });
  const pipe = new PassThrough();
  const chopped = new PassThrough();
  const isThere = new Promise<void>((resolve) => {
    const onBatch = (batch: Batch): void => {
      store.append(batch);
      if (store.stats().records === 7) resolve();
    };
    receiveBatches(chopped, onBatch, ({ message }) => t.fail(message));
  });
  pipe.on("data", (chunk: Buffer) => {
    for (const byte of chunk) chopped.write(Buffer.of(byte));
  });

  const writer = new BatchWriter(
    "w7",
    "store",
    new BatchOutbox({ pipe, kept: { ...bounds, file: "/t.db" } }),
  );
  const place = { route: "/chat", session: 40, origin: "client", sequence: 1, time: 1000.25 } as const;
  const wire = Buffer.concat([
    Buffer.from("before"),
    frame({ opcode: 1, payload: "one", key: 9 }),
    frame({ opcode: 1, payload: "two", key: 8 }),
    Buffer.from("behind"),
  ]);
  writer.json(place, { ...upgradeJson });
  writer.frames(place, { chunk: wire, from: 6, to: wire.length - 6, count: 2 });
  writer.frame(
    { ...place, sequence: 3 },
    { fin: true, rsv1: false, opcode: 1, maskKey: 0x01020304, length: 100 },
    false,
    naiveMask(Buffer.from("begin"), [1, 2, 3, 4]),
  );
  writer.flush();
  const blob = { blob: 2, binary: false, length: 2 };
  const other = { ...place, route: "/feed", origin: "server" } as const;
  writer.json(other, { ...frameJson, outcome: "replaced", payload: blob, after: blob }, [
    Buffer.from("hi"),
    Buffer.from("ho"),
  ]);
  const part = { ...blob, length: 9 };
  const secrets = { attributes: { token: "hunter2", user: "anna" }, detail: "at /?token=hunter2" };
  writer.json(other, { ...hookJson, ...secrets, toClient: [blob, blob], toServer: [part] }, [
    ...["ta", "tb", "ts"].map((text) => Buffer.from(text)),
  ]);
  writer.json(other, { ...closeJson });
  writer.flush();
  await isThere;

  const { records } = await store.query({ after: 0, limit: 10 });
  t.like(
    records.find(({ kind }) => kind === "hook"),
    { attributes: { token: "[redacted]", user: "anna" }, detail: "at /?token=[redacted]" },
  );
  for (const record of records) t.true(trafficRecordSchema.safeParse(record).success);
  t.deepEqual(
    records.map((record) => [
      record.seq,
      record.session,
      record.route,
      record.time,
      record.kind === "frame"
        ? [record.origin, record.sequence, record.length, record.payload?.data, record.after?.data]
        : record.kind === "hook"
          ? [...record.toClient, ...record.toServer].map(({ data, length }) => [data, length])
          : record.kind,
    ]),
    [
      [1, "w7-14", "/chat", 1000.25, "upgrade"],
      [2, "w7-14", "/chat", 1000.25, ["client", 1, 3, "one", undefined]],
      [3, "w7-14", "/chat", 1000.25, ["client", 2, 3, "two", undefined]],
      [4, "w7-14", "/chat", 1000.25, ["client", 3, 100, "begin", undefined]],
      [5, "w7-14", "/feed", 1000.25, ["server", 1, 5, "hi", "ho"]],
      [
        ...[6, "w7-14", "/feed", 1000.25],
        [
          ["ta", 2],
          ["tb", 2],
          ["ts", 9],
        ],
      ],
      [7, "w7-14", "/feed", 1000.25, "close"],
    ],
  );
});

test("a record that is finished later has its place; what was shipped before is as it was", (t) => {
  const batches: Batch[] = [];
  const taker = { take: (batch: Batch) => batches.push(batch) > 0, spare: () => undefined, suit() {} };
  const writer = new BatchWriter("w", "store", taker);
  const place = { route: "/", session: 1, origin: "client", sequence: 1, time: 0 } as const;
  const rest = { writeMs: null, unsentBytes: 0 };
  const begin = (sequence: number) =>
    writer.unfinished({ ...place, sequence }, { record: { ...frameJson, payload: null }, rest }, []);
  const written = () =>
    batches
      .splice(0)
      .flatMap((batch) => [...readRecords(batch, 1)])
      .map((record) => record.kind === "frame" && [record.sequence, record.writeMs, record.unsentBytes]);
  const first = begin(1);
  const second = begin(2);
  writer.json({ ...place, sequence: 3 }, { ...frameJson, payload: null, ...rest });
  // As long as numbers are.
  const longest = { writeMs: -Math.PI * 1e-300, unsentBytes: Number.MAX_SAFE_INTEGER };
  second(longest);
  first({ writeMs: 0.5, unsentBytes: 7 });
  writer.flush();
  t.deepEqual(written(), [
    [1, 0.5, 7],
    [2, longest.writeMs, longest.unsentBytes],
    [3, null, 0],
  ]);
  const late = begin(4);
  writer.flush();
  begin(5);
  late({ writeMs: 1, unsentBytes: 1 });
  writer.flush();
  t.deepEqual(written(), [
    [4, null, 0],
    [5, null, 0],
  ]);
});

for (const [what, bytes] of Object.entries({
  "a batch of no size": Buffer.alloc(64),
  "a batch of any size": Buffer.alloc(64, 0xff),
  "names that are no JSON": Buffer.from([20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]),
})) {
  test(`a stream with ${what} is read no further`, async (t) => {
    const pipe = new PassThrough();
    const broken = new Promise<Error>((resolve) => {
      receiveBatches(pipe, () => t.fail(), resolve);
    });
    pipe.write(bytes);
    t.truthy((await broken).message);
    t.true(pipe.destroyed);
  });
}
