import { constants, deflateRawSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { compileRedaction } from "../../../core/redaction/rules.ts";
import type { Batch } from "../../../core/traffic/batch/batch.ts";
import { readRecords, summarise } from "../../../core/traffic/batch/reader.ts";
import { redactRecord } from "../../../core/traffic/record-redaction.ts";
import { trafficRecordSchema } from "../../../core/traffic/records.ts";
import {
  batchOf,
  closeJson,
  frameBody,
  frameJson,
  jsonBody,
  type RecordSpec,
  upgradeJson,
} from "../../support/traffic-batch.ts";
import { frame, naiveMask } from "../../wire/frames.ts";

const rules = compileRedaction({ defaults: true, headers: [], query: [], json: [], patterns: [] });

function read(specs: readonly RecordSpec[], rest: Partial<Batch> = {}) {
  return [...readRecords(batchOf(specs, rest), 10)].map((record) => redactRecord(record, rules));
}

/** Their payloads as they are shown. */
function payloadsOf(specs: readonly RecordSpec[]) {
  return read(specs).map((record) => (record.kind === "frame" ? record.payload : undefined));
}

function deflate(text: string): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function wireOf(...frames: Buffer[]): RecordSpec {
  return { type: "frames", body: Buffer.concat(frames), count: frames.length };
}

test("frames as they were on the wire: unmasked, each with the next sequence number", (t) => {
  const body = Buffer.concat([
    frame({ opcode: 1, payload: "hello", key: 0x01020304 }),
    frame({ opcode: 2, payload: Buffer.of(1, 255), key: 0xfffefdfc }),
    frame({ opcode: 9, payload: "", key: 5 }),
  ]);
  const records = read([
    { type: "frames", body, sequence: 7, session: 36, route: 1, time: 1234.5, count: 3 },
  ]);
  t.like(records[0], {
    kind: "frame",
    seq: 10,
    session: "w1-10",
    route: "/feed",
    time: 1234.5,
    origin: "client",
    sequence: 7,
    maskKey: "01020304",
    length: 5,
    outcome: "spliced",
    payload: { encoding: "text", data: "hello", length: 5, isCut: false, redactions: 0 },
  });
  t.like(records[1], { seq: 11, sequence: 8, payload: { encoding: "base64", data: "Af8=" } });
  t.like(records[2], { seq: 12, sequence: 9, opcode: 9, payload: { length: 0 } });
  for (const record of records) t.true(trafficRecordSchema.safeParse(record).success);
});

test("a frame of which a part was kept", (t) => {
  const kept = naiveMask(Buffer.from("hä"), [1, 2, 3, 4]).subarray(0, 2);
  const body = frameBody({ first: 0x81, flags: 3, key: 0x01020304, length: 1000, kept });
  t.like(read([{ type: "frame", body }])[0], {
    length: 1000,
    fin: true,
    outcome: "dropped",
    payload: { encoding: "text", data: "h", length: 1000, isCut: true },
  });
});

test("a frame of which nothing was kept has no payload", (t) => {
  const body = frameBody({ first: 0x81, flags: 0, length: 9, kept: Buffer.alloc(0) });
  t.like(read([{ type: "frame", body, origin: "server" }])[0], { payload: null, maskKey: null, length: 9 });
});

test("a compressed message is inflated; of a part of one, what it says", (t) => {
  const text = `${"compressed ".repeat(40)}end`;
  const packed = deflate(text);
  const [whole] = payloadsOf([wireOf(frame({ opcode: 1, rsv: 4, payload: packed }))]);
  t.deepEqual(whole, { encoding: "text", data: text, length: text.length, isCut: false, redactions: 0 });

  const body = frameBody({ first: 0xc1, flags: 0, length: packed.length, kept: packed.subarray(0, 12) });
  const [part] = payloadsOf([{ type: "frame", body }]);
  t.true(part?.isCut);
  t.true(part!.data.length > 5 && text.startsWith(part!.data));
});

test("compressed bytes that cannot be read are not shown: nobody could redact them", (t) => {
  const withContext = frame({ opcode: 1, rsv: 4, payload: Buffer.from("garbage") });
  const bomb = frame({ opcode: 1, rsv: 4, payload: deflate("a".repeat(1_000_000)) });
  for (const payload of payloadsOf([wireOf(withContext, bomb)])) t.like(payload, { data: "", isCut: true });
});

test("a few bytes on the wire do not become a memory full", (t) => {
  const bomb = frame({ opcode: 1, rsv: 4, payload: deflate("a".repeat(250_000)) });
  const shown = payloadsOf([wireOf(...Array.from({ length: 100 }, () => bomb))]);
  const total = shown.reduce((sum, payload) => sum + payload!.data.length, 0);
  t.true(total <= 4 * 1024 * 1024, `${total}`);
});

test("a secret that begins in one fragment and ends in another is found in both", (t) => {
  const shown = payloadsOf([
    wireOf(
      frame({ opcode: 1, fin: false, payload: '{"pass' }),
      frame({ opcode: 0, fin: false, payload: 'word":"hun' }),
      frame({ opcode: 9, payload: "ping" }),
      frame({ opcode: 0, payload: 'ter2","a":"ü"}' }),
    ),
  ]);
  t.deepEqual(
    shown.map((payload) => payload?.data),
    ['{"pass', 'word":"[redacted]', Buffer.from("ping").toString("base64"), '[redacted]","a":"ü"}'],
  );
});

test("a fragment is withheld when what came before it is not known", (t) => {
  const [payload] = payloadsOf([wireOf(frame({ opcode: 0, payload: 'ter2"}' }))]);
  t.deepEqual(payload, { encoding: "base64", data: "", length: 6, isCut: true, redactions: 1 });
});

test("a record in JSON, with its payloads", (t) => {
  const step = {
    ...{ version: "1", action: "replaced", afterMs: 0.02, durationMs: 1, detail: "", place: "" },
  };
  const json = {
    ...frameJson,
    steps: [
      { ...step, policy: "p", changed: true, after: { blob: 3, binary: false, length: 7 } },
      { ...step, policy: "q", changed: true, after: null },
    ],
    payload: { blob: 5, binary: false, length: 5 },
    after: { blob: 2, binary: true, length: 9 },
    replies: [{ blob: 2, binary: false, length: 2 }],
    appended: [{ blob: 0, binary: false, length: 0 }],
  };
  const blobs = [Buffer.from("hello"), Buffer.of(0, 1), Buffer.from("ok"), Buffer.from("hel")];
  const body = jsonBody(json, blobs);
  const [record] = read([{ type: "json", body, origin: "server", sequence: 3, time: 5, session: 2 }]);
  t.true(trafficRecordSchema.safeParse(record).success);
  t.like(record, {
    origin: "server",
    sequence: 3,
    session: "w1-2",
    payload: { encoding: "text", data: "hello", isCut: false },
    after: { encoding: "base64", data: "AAE=", length: 9, isCut: true },
    replies: [{ data: "ok" }],
    appended: [{ data: "" }],
    steps: [
      { policy: "p", after: { data: "hel", length: 7, isCut: true } },
      { policy: "q", after: null },
    ],
  });
});

test("upgrades and closes", (t) => {
  const records = read([
    { type: "json", body: jsonBody(upgradeJson) },
    { type: "json", body: jsonBody(closeJson) },
  ]);
  for (const record of records) t.true(trafficRecordSchema.safeParse(record).success);
  t.like(records[0], { kind: "upgrade", seq: 10, status: 101, route: "/chat" });
  t.like(records[1], { kind: "close", seq: 11, reason: "bye" });
});

const good: RecordSpec = { type: "json", body: jsonBody(closeJson) };

for (const [what, bad] of Object.entries<RecordSpec>({
  "a frame that is longer than the record": { type: "frames", body: Buffer.from([0x81, 5, 1]) },
  "half a frame's header": { type: "frames", body: Buffer.from([0x81, 127, 0]) },
  "half of our header": { type: "frame", body: Buffer.alloc(15) },
  "more kept than there was": {
    type: "frame",
    body: frameBody({ first: 0x81, flags: 0, length: 1, kept: Buffer.alloc(2) }),
  },
  "a length that is none": {
    type: "frame",
    body: frameBody({ first: 0x81, flags: 0, length: Number.NaN, kept: Buffer.alloc(0) }),
  },
  "JSON that is cut": { type: "json", body: jsonBody(closeJson).subarray(0, 30) },
  "JSON of another kind": { type: "json", body: jsonBody({ kind: "constructor" }) },
  "JSON that lacks a field": { type: "json", body: jsonBody({ ...closeJson, reason: undefined }) },
  "JSON that is null": { type: "json", body: jsonBody(null) },
  "a payload that is longer than the rest": {
    type: "json",
    body: jsonBody({ ...frameJson, payload: { blob: 5, binary: false, length: 5 } }, [Buffer.alloc(4)]),
  },
  "a payload of less than nothing": {
    type: "json",
    body: jsonBody({ ...frameJson, payload: { blob: -1, binary: false, length: 5 } }),
  },
  "a route that has no name": { ...good, route: 2 },
  "a time that is none": { ...good, time: Number.NaN },
})) {
  test(`a batch with ${what} gives what came before, and an error`, (t) => {
    const records = readRecords(batchOf([good, bad, good]), 1);
    t.is(records.next().value?.kind, "close");
    t.throws(() => [...records], { code: "ERR_BATCH" });
  });
}

test("whatever the bytes are, there is an error at worst", (t) => {
  const valid = batchOf([
    wireOf(
      frame({ opcode: 1, payload: "hello", key: 7 }),
      frame({ opcode: 1, rsv: 4, payload: deflate("hi") }),
    ),
    { type: "frame", body: frameBody({ first: 0x81, flags: 1, length: 9, kept: Buffer.from("abc") }) },
    {
      type: "json",
      body: jsonBody({ ...frameJson, payload: { blob: 2, binary: false, length: 2 } }, [Buffer.from("hi")]),
    },
    good,
  ]);
  const changes = fc.array(fc.tuple(fc.nat(valid.bytes.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(changes, fc.nat(valid.bytes.length), (bytes, end) => {
      const changed = Buffer.from(valid.bytes);
      for (const [at, byte] of bytes) changed[at] = byte;
      const batch = { ...valid, bytes: changed.subarray(0, end) };
      for (const run of [() => summarise(batch), () => [...readRecords(batch, 1)]]) {
        try {
          run();
        } catch (error) {
          if ((error as { code?: string }).code !== "ERR_BATCH") throw error;
        }
      }
    }),
    { numRuns: 500 },
  );
  t.is(summarise(valid).records, 5);
});
