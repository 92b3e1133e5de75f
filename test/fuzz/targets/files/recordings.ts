import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { compileRedaction, USUAL_REDACTION } from "../../../../core/redaction/rules.ts";
import { exportHar } from "../../../../core/traffic/har/har.ts";
import { type TrafficRecord, trafficRecordSchema } from "../../../../core/traffic/records.ts";
import { createMemoryStore } from "../../../../core/traffic/store/memory-store.ts";
import { createSqliteStore } from "../../../../core/traffic/store/sqlite-store.ts";
import { harSchema } from "../../../support/har-schema.ts";
import {
  batchOf,
  closeJson,
  frameBody,
  frameJson,
  hookJson,
  jsonBody,
  type RecordSpec,
  recordOf,
  upgradeJson,
} from "../../../support/traffic-batch.ts";
import { frame } from "../../../wire/frames.ts";
import { nearly } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const bounds = { maxBytes: 1024 * 1024, maxRecords: 1000, maxAgeMs: 0, subjects: ["user"] };
const rules = compileRedaction(USUAL_REDACTION);
const validate = new Ajv({ allErrors: true, strict: false }).compile(harSchema);
const MOST = 200;
const NOW = Date.UTC(2026, 0, 2);

const payload = fc.oneof(
  fc.constantFrom('{"password":"x"}', "token=abc&a=1", "Bearer abc", "\ud800", ""),
  fc.string({ unit: "binary", maxLength: 20 }),
);

const specs: fc.Arbitrary<RecordSpec> = fc.oneof(
  fc.tuple(payload, fc.nat(15), fc.boolean()).map(([text, opcode, fin]) => ({
    type: "frames" as const,
    body: frame({ opcode, fin, payload: text, key: 0x01020304 }),
  })),
  fc.tuple(payload, fc.nat(255), fc.nat(3)).map(([text, first, flags]) => ({
    type: "frame" as const,
    body: frameBody({ first, flags, key: 5, length: text.length * 4, kept: Buffer.from(text) }),
  })),
  fc
    .constantFrom<object>(upgradeJson, closeJson, hookJson)
    .map((json) => ({ type: "json" as const, body: jsonBody(json) })),
  payload.map((text) => {
    const blob = { blob: Buffer.byteLength(text), binary: false, length: Buffer.byteLength(text) };
    return { type: "json" as const, body: jsonBody({ ...frameJson, payload: blob }, [Buffer.from(text)]) };
  }),
);

const batches = fc
  .array(specs, { maxLength: 5 })
  .map((list) => Buffer.concat(list.map((spec) => recordOf({ ...spec, time: NOW }))));

function isUsual(record: TrafficRecord): boolean {
  if (!trafficRecordSchema.safeParse(record).success || record.time < NOW) return false;
  return record.kind !== "frame" || [0, 1, 2, 8, 9, 10].includes(record.opcode);
}

/** Records of a worker, nearly as it writes them: kept or dropped, the same in memory and in SQLite, and exported as HAR. */
export const recordings = defineTarget<Uint8Array>({
  name: "recordings",
  inputs: nearly(batches, 2),
  runs: 40,
  async check(bytes) {
    const batch = { ...batchOf([]), bytes: Buffer.from(bytes), records: 5 };
    const memory = createMemoryStore({ bounds, rules });
    const dir = mkdtempSync(join(tmpdir(), "framegate-fuzz-"));
    const file = createSqliteStore({ file: join(dir, "traffic.db"), bounds, rules });
    try {
      memory.append(batch);
      file.append({ ...batch, bytes: Buffer.from(bytes) });
      const [kept, stored] = await Promise.all(
        [memory, file].map((store) => store.query({ after: 0, limit: MOST })),
      );
      // Of a batch that is broken memory keeps nothing, and the file what comes before.
      const known: unknown[] = JSON.parse(JSON.stringify(kept?.records));
      assert.deepEqual(known, stored?.records.slice(0, known.length));
      const sessions = [...new Set(kept?.records.map(({ session }) => session))];
      const har = await exportHar(memory, { sessions, maxRecords: MOST, version: "1.0.0" });
      assert.equal(har.log.entries.length, sessions.length);
      // The schema is of what workers write: whole records, at times of our days, with the opcodes that there are.
      if (kept?.records.every(isUsual)) assert.ok(validate(har), JSON.stringify(validate.errors?.[0]));
      const kinds = [...new Set(kept?.records.map(({ kind }) => kind))].sort();
      return kinds.length === 0 ? "nothing" : kinds.join(" ");
    } finally {
      memory.close();
      file.close();
      rmSync(dir, { recursive: true });
    }
  },
});
