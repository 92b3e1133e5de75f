import test from "ava";
import { exportRecording } from "../../core/recording/export-recording.ts";
import { readSessions } from "../../core/recording/read-recording.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { createMemoryStore } from "../../core/traffic/store/memory-store.ts";
import { batchOf, closeJson, hookJson, jsonBody, upgradeJson } from "../support/traffic-batch.ts";
import { frame } from "../wire/frames.ts";

const rules = compileRedaction(USUAL_REDACTION);

test("frames that were recorded one by one are whole messages again, and pings are none", async (t) => {
  const store = createMemoryStore({
    bounds: { maxBytes: 1e6, maxRecords: 1000, maxAgeMs: 0, subjects: ["user"] },
    rules,
  });
  const part = { blob: 4, binary: false, length: 9 };
  const at = (time: number, body: Buffer) => ({ type: "frames" as const, time, body });
  store.append(
    batchOf([
      { type: "json", time: 1, body: jsonBody(upgradeJson) },
      at(2, frame({ opcode: 1, fin: false, payload: "he", key: 1 })),
      at(3, frame({ opcode: 9, fin: true, payload: "ping", key: 1 })),
      at(4, frame({ opcode: 0, fin: true, payload: "llo", key: 1 })),
      {
        ...{ type: "json", time: 5 },
        body: jsonBody({ ...hookJson, outcome: "closed", detail: "4001 over", toClient: [part] }, [
          Buffer.from("late"),
        ]),
      },
      { type: "json", time: 5, body: jsonBody(closeJson) },
    ]),
  );
  const { records } = await store.query({ limit: 1 });
  const session = records[0]?.session ?? "";
  const exported = await exportRecording(store, {
    sessions: [session, "unknown"],
    maxRecords: 100,
    by: "test",
    made: "2026-01-01T00:00:00.000Z",
    rules,
    isConsistent: true,
    kept: { answers: [], lost: 0 },
  });
  t.like(exported, { sessions: 1, messages: 1, cutMessages: 0, leftOut: 1 });
  const { events } = readSessions(exported.recording, "file");
  t.deepEqual(
    events.map(({ type }) => type),
    ["upgrade", "message", "hook", "close"],
  );
  t.like(events[1], { body: { text: "hello" }, result: { outcome: "passed" } });
  t.like(events[2], {
    ...{ hook: "tick", by: "time", late: 1, policy: "parts" },
    result: { toClient: [{ text: "late", length: 9 }], close: { code: 4001, reason: "over" } },
  });
});

test("an open session has what its policies were told until now; who may only look gets no equal placeholders", async (t) => {
  const store = createMemoryStore({
    bounds: { maxBytes: 1e6, maxRecords: 1000, maxAgeMs: 0, subjects: ["user"] },
    rules,
  });
  const step = { policy: "a", version: "1", action: "replaced", detail: "", afterMs: 0, durationMs: 0 };
  const upgrade = { ...upgradeJson, path: "/?token=s3cret", steps: [step] };
  store.append(batchOf([{ type: "json", time: 1000, body: jsonBody(upgrade) }]));
  const { records } = await store.query({ limit: 1 });
  const answer = { policy: "a", kind: "kv" as const, ask: "get k", answer: { text: "null" } };
  const exportAs = (isConsistent: boolean) =>
    exportRecording(store, {
      sessions: [records[0]?.session ?? ""],
      maxRecords: 100,
      by: "test",
      made: new Date(3000).toISOString(),
      rules,
      isConsistent,
      kept: { answers: [500, 2000].map((time) => ({ ...answer, time })), lost: 0 },
    });
  const reader = await exportAs(false);
  t.is(reader.answers, 1);
  t.true(reader.recording.includes("token=[redacted]") && reader.recording.includes('"redaction":"plain"'));
  const admin = await exportAs(true);
  t.true(admin.recording.includes("token=[redacted:1]") && admin.recording.includes('"consistent"'));
});
