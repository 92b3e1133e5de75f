import { PassThrough } from "node:stream";
import test from "ava";
import type { Batch } from "../../../core/traffic/batch/batch.ts";
import { BatchOutbox, type BatchOutboxOptions } from "../../../core/traffic/batch/batch-outbox.ts";
import { receiveBatches } from "../../../core/traffic/batch/pipe.ts";

/** A quarter of what goes at once. */
const PORTION = 256 * 1024;

/** With a file each record is to be kept. */
const ALL = { file: "/traffic.db", maxBytes: 64 * PORTION, maxRecords: 1000 };

function open(options: Partial<BatchOutboxOptions> = {}) {
  const pipe = new PassThrough({ highWaterMark: 64 * PORTION });
  const clock = { now: 0 };
  const got: string[] = [];
  receiveBatches(
    pipe,
    ({ worker, mark }) => got.push(mark === undefined ? worker : `mark ${mark}`),
    (error) => got.push(error.message),
  );
  const outbox = new BatchOutbox({
    pipe,
    kept: { maxBytes: 64 * PORTION, maxRecords: 1000 },
    now: () => clock.now,
    ...options,
  });
  return { outbox, clock, got, pipe };
}

function batch(name: string, bytes = 1, records = 1, purpose: Batch["purpose"] = "store"): Batch {
  return { bytes: Buffer.alloc(bytes), records, dropped: 0, worker: name, routes: [], purpose };
}

async function settled<T>(value: T): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
}

test("moderate traffic goes at once, a flood is held back and goes as time allows", async (t) => {
  const { outbox, clock, got } = open();
  for (const name of ["a", "b", "c", "d", "e"]) t.true(outbox.take(batch(name, PORTION)));
  t.deepEqual(await settled(got), ["a", "b", "c", "d"]);
  clock.now = 600;
  outbox.take(batch("f", PORTION));
  t.deepEqual(await settled(got), ["a", "b", "c", "d", "e"]);
});

test("what sinks take goes at once, also a flood, and what was held back with it", async (t) => {
  const { outbox, got } = open();
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) outbox.take(batch(name, PORTION));
  outbox.suit({ isForwarded: true, maxBytes: PORTION, maxRecords: 1 });
  outbox.take(batch("f", PORTION, 100));
  t.deepEqual(await settled(got), [...names, "f"]);
});

test("one that is larger than all that may go at once is not in the way of others", async (t) => {
  const { outbox, got, clock } = open();
  for (const [name, size] of [
    ["a", 1],
    ["large", 8],
    ["b", 1],
  ] as const)
    outbox.take(batch(name, size * PORTION));
  t.deepEqual(await settled(got), ["a"]);
  clock.now = 500;
  outbox.take(batch("c", PORTION));
  t.deepEqual(await settled(got), ["a", "large"]);
  clock.now = 4500;
  outbox.take(batch("d", PORTION));
  t.deepEqual(await settled(got), ["a", "large", "b", "c", "d"]);
});

test("who asks gets all that is held, in order, and the mark behind it", async (t) => {
  const { outbox, got } = open();
  for (const name of ["a", "b", "c", "d", "e", "f"]) outbox.take(batch(name, PORTION));
  outbox.collect(7);
  t.deepEqual(await settled(got), ["a", "b", "c", "d", "e", "f", "mark 7"]);
  outbox.collect(8);
  t.is((await settled(got)).at(-1), "mark 8");
});

test("of what is held back the newest stays, by bytes and by records", async (t) => {
  const byBytes = open({ kept: { maxBytes: 2 * PORTION, maxRecords: 1000 } });
  for (const name of ["a", "b", "c", "d", "e", "f", "g"]) byBytes.outbox.take(batch(name, PORTION));
  byBytes.outbox.collect(1);
  t.deepEqual(await settled(byBytes.got), ["a", "b", "c", "d", "f", "g", "mark 1"]);

  const byRecords = open({ kept: { maxBytes: 64 * PORTION, maxRecords: 100 } });
  for (const name of ["a", "b", "c", "d", "e", "f", "g"]) byRecords.outbox.take(batch(name, PORTION, 60));
  byRecords.outbox.collect(1);
  t.deepEqual(await settled(byRecords.got), ["a", "b", "c", "d", "g", "mark 1"]);
});

test("where every record is to be kept, and for the log, nothing is held back", async (t) => {
  const all = open({ kept: ALL });
  for (const name of ["a", "b", "c", "d", "e", "f"]) all.outbox.take(batch(name, PORTION));
  t.is((await settled(all.got)).length, 6);
  const log = open();
  for (const name of ["a", "b", "c", "d", "e", "f"]) log.outbox.take(batch(name, PORTION, 1, "log"));
  t.is((await settled(log.got)).length, 6);
});

test("what is held back follows what is kept: less of it stays, and with a file all of it goes", async (t) => {
  const { outbox, got } = open();
  for (const name of ["a", "b", "c", "d", "e", "f", "g"]) outbox.take(batch(name, PORTION));
  outbox.suit({ maxBytes: 2 * PORTION, maxRecords: 1000 });
  t.deepEqual(await settled(got), ["a", "b", "c", "d"]);
  outbox.suit(ALL);
  t.deepEqual(await settled(got), ["a", "b", "c", "d", "f", "g"]);
});

test("what a supervisor that is far behind cannot take is refused, and so counted", (t) => {
  const { outbox, pipe } = open({ kept: ALL });
  pipe.cork();
  const taken = Array.from({ length: 12 }, (_, index) => outbox.take(batch(`${index}`, 4 * PORTION)));
  t.true(taken[0]);
  t.false(taken.at(-1));
});

test("buffers that nobody needs any more are written in again", async (t) => {
  const { outbox } = open();
  t.is(outbox.spare(), undefined);
  const first = batch("a", 1000);
  outbox.take(first);
  await settled(undefined);
  t.true(outbox.spare()?.buffer === first.bytes.buffer);
});
