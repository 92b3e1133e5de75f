import { Ajv } from "ajv";
import test from "ava";
import { compileRedaction } from "../../../core/redaction/rules.ts";
import { exportHar, type Har } from "../../../core/traffic/har/har.ts";
import { createMemoryStore } from "../../../core/traffic/store/memory-store.ts";
import { harSchema } from "../../support/har-schema.ts";
import {
  batchOf,
  closeJson,
  frameJson,
  hookJson,
  jsonBody,
  type RecordSpec,
  upgradeJson,
} from "../../support/traffic-batch.ts";
import { frame } from "../../wire/frames.ts";

const validate = new Ajv({ allErrors: true, strict: false }).compile(harSchema);
const start = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const bounds = { maxBytes: 64 * 1024 * 1024, maxRecords: 1_000_000, maxAgeMs: 0, subjects: ["user"] };
const rules = compileRedaction({ defaults: true, headers: [], query: [], json: [], patterns: [] });

function storeOf(specs: readonly RecordSpec[]) {
  const store = createMemoryStore({ bounds, rules });
  store.append(batchOf(specs));
  return store;
}

function exportOf(specs: readonly RecordSpec[], sessions = ["w1-1"], maxRecords = 1000): Promise<Har> {
  return exportHar(storeOf(specs), { sessions, maxRecords, version: "1.2.3" });
}

const upgrade: RecordSpec = {
  type: "json",
  time: start,
  body: jsonBody({
    ...upgradeJson,
    path: "/chat?room=1&token=hunter2",
    request: [
      ["Host", "gateway.example"],
      ["Origin", "https://gateway.example"],
      ["Cookie", "hunter2"],
    ],
  }),
};
const client: RecordSpec = {
  type: "frames",
  time: start + 10,
  body: frame({ opcode: 1, payload: '{"password":"hunter2"}', key: 7 }),
};
const server: RecordSpec = {
  type: "frames",
  origin: "server",
  time: start + 20,
  count: 3,
  body: Buffer.concat([
    frame({ opcode: 2, payload: Buffer.of(0, 255) }),
    frame({ opcode: 9, payload: "" }),
    frame({ opcode: 1, payload: Buffer.of(0xc3, 0x28) }),
  ]),
};

function judged(origin: "client" | "server", json: object, blobs: readonly string[]): RecordSpec {
  const buffers = blobs.map((blob) => Buffer.from(blob));
  const body = jsonBody({ ...frameJson, durationMs: 2, ...json }, buffers);
  return { type: "json", origin, time: start + 30, body };
}
const text = (length: number, whole = length) => ({ blob: length, binary: false, length: whole });

test("a session as HAR 1.2 with Chrome's messages, valid by the schema, and redacted", async (t) => {
  const close: RecordSpec = { type: "json", time: start + 50, body: jsonBody(closeJson) };
  const har = await exportOf([upgrade, client, server, close]);
  t.true(validate(har), JSON.stringify(validate.errors));
  t.notRegex(JSON.stringify(har), /hunter2/);
  t.deepEqual(har.log.creator, { name: "framegate", version: "1.2.3" });
  const [entry] = har.log.entries;
  t.like(entry, {
    startedDateTime: "2026-01-02T03:04:05.678Z",
    time: 3,
    connection: "w1-1",
    _resourceType: "websocket",
    _framegate: { route: "/chat", close: { code: 1000, initiator: "client" } },
  });
  t.is(entry?.request.url, "wss://gateway.example/chat?room=1&token=[redacted]");
  t.deepEqual(entry?.request.queryString, [
    { name: "room", value: "1" },
    { name: "token", value: "[redacted]" },
  ]);
  t.like(entry?.response, { status: 101, statusText: "Switching Protocols" });
  const seconds = start / 1000;
  t.deepEqual(
    entry?._webSocketMessages,
    [
      { type: "send", time: seconds + 0.01, opcode: 1, data: '{"password":"[redacted]"}' },
      { type: "receive", time: seconds + 0.02, opcode: 2, data: "AP8=" },
      { type: "receive", time: seconds + 0.02, opcode: 1, data: "\ufffd(" },
    ].map((message) => ({ ...message, time: Math.round(message.time * 1e6) / 1e6 })),
  );
});

test("what the client got: replaced, appended and replied messages, and not those that were dropped", async (t) => {
  const har = await exportOf([
    upgrade,
    judged("client", { payload: text(2), replies: [text(5)], appended: [text(4)] }, ["hi", "reply", "more"]),
    judged("server", { outcome: "replaced", payload: text(6), after: text(5), appended: [text(4)] }, [
      "before",
      "after",
      "more",
    ]),
    judged("server", { outcome: "dropped", payload: text(4) }, ["gone"]),
    {
      type: "json",
      time: Date.UTC(2026, 0, 1),
      body: jsonBody({ ...hookJson, toClient: [text(4)], toServer: [text(5)] }, [Buffer.from("tickother")]),
    },
    judged("server", { outcome: "passed", payload: text(3, 500), length: 500 }, ["cut"]),
  ]);
  t.true(validate(har), JSON.stringify(validate.errors));
  t.deepEqual(
    har.log.entries[0]?._webSocketMessages?.map(({ type, data, _length }) => [type, data, _length]),
    [
      ["send", "hi", undefined],
      ["receive", "reply", undefined],
      ["receive", "after", undefined],
      ["receive", "more", undefined],
      ["receive", "tick", undefined],
      ["receive", "cut", 500],
    ],
  );
  t.deepEqual(
    har.log.entries[0]?._webSocketMessages?.map(({ _outcome }) => _outcome),
    ["passed", undefined, "replaced", undefined, undefined, "passed"],
  );
});

test("several sessions; one that was refused; one whose beginning is not kept; one that is not there", async (t) => {
  const har = await exportOf(
    [
      upgrade,
      { ...upgrade, session: 2, body: jsonBody({ ...upgradeJson, status: 403, code: "ERR_ORIGIN" }) },
      { ...client, session: 3 },
    ],
    ["w1-1", "w1-2", "w1-3", "w1-4", "w1-1"],
  );
  t.true(validate(har), JSON.stringify(validate.errors));
  t.deepEqual(
    har.log.entries.map(({ response, _webSocketMessages }) => [response.status, _webSocketMessages?.length]),
    [
      [101, 0],
      [403, 0],
      [101, 1],
    ],
  );
});

test("a plain request is an entry without messages", async (t) => {
  const { method, path, httpVersion, client, durationMs, request, response, steps } = upgradeJson;
  const plain = {
    ...{ kind: "request", method, path, httpVersion, client, durationMs, request, response, steps },
    ...{ status: 404, code: "ERR_NO_ROUTE", detail: "", server: "" },
    ...{ isComplete: true, requestBytes: 7, responseBytes: 20 },
  };
  const har = await exportOf([{ ...upgrade, body: jsonBody(plain) }]);
  t.true(validate(har), JSON.stringify(validate.errors));
  const [entry] = har.log.entries;
  t.like(entry, {
    _resourceType: "other",
    request: { bodySize: 7 },
    response: { status: 404, content: { size: 20 } },
  });
  t.false(entry !== undefined && "_webSocketMessages" in entry);
  t.regex(String(entry?.request.url), /^https?:/);
});

test("where the time went: hooks and waiting as blocked, and the parts make the whole", async (t) => {
  const phase = (name: string, afterMs: number, durationMs: number, more = {}) => ({
    ...{ phase: name, afterMs, durationMs, ...more },
  });
  const timingsOf = async (json: object) => {
    const har = await exportOf([{ ...upgrade, body: jsonBody({ ...upgradeJson, ...json }) }]);
    t.true(validate(har), JSON.stringify(validate.errors));
    const { time, timings } = har.log.entries[0]!;
    const parts = Object.entries(timings).filter(([name, value]) => name !== "ssl" && value !== -1);
    t.is(
      parts.reduce((total, [, value]) => total + value, 0),
      time,
    );
    return timings;
  };
  const phases = [
    phase("admit", 0, 1),
    phase("queue", 4, 2),
    phase("dial", 6, 1, { server: "a:1", problem: "connect ECONNREFUSED token=hunter2" }),
    phase("dial", 8, 4, { server: "b:1" }),
    phase("server", 12, 16),
    phase("answer", 28, 2),
  ];
  const none = { dns: -1, ssl: -1, send: 0 };
  t.like(await timingsOf({ durationMs: 32, phases }), {
    ...none,
    ...{ blocked: 9, connect: 5, wait: 16, receive: 2 },
  });
  const kept = [phase("dial", 0, 1, { isKept: true }), phase("request", 1, 3), phase("server", 4, 4)];
  t.like(await timingsOf({ durationMs: 8, phases: kept }), { blocked: 1, connect: -1, send: 3, wait: 4 });
  t.like(await timingsOf({ durationMs: 3 }), { ...none, blocked: -1, connect: -1, wait: 3, receive: 0 });
  const har = await exportOf([{ ...upgrade, body: jsonBody({ ...upgradeJson, phases }) }]);
  t.notRegex(JSON.stringify(har), /hunter2/);
});

test("a long session is read page by page, and cut where it is told to be", async (t) => {
  const frames = Array.from({ length: 3000 }, (): RecordSpec => client);
  const whole = await exportOf([upgrade, ...frames], ["w1-1"], 10_000);
  t.is(whole.log.entries[0]?._webSocketMessages?.length, 3000);
  t.is(whole.log.comment, "");
  const cut = await exportOf([upgrade, ...frames], ["w1-1"], 1500);
  t.is(cut.log.entries[0]?._webSocketMessages?.length, 1499);
  t.regex(cut.log.comment, /Cut after 1500 records/);
});

test("the schema refuses what is no HAR", (t) => {
  t.false(validate({ log: { version: "1.1", creator: { name: "a", version: "1" }, entries: [] } }));
  t.false(validate({ log: { version: "1.2", creator: { name: "a", version: "1" }, entries: [{}] } }));
  t.true(validate({ log: { version: "1.2", creator: { name: "a", version: "1" }, entries: [] } }));
});
