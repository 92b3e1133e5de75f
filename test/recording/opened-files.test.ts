import test from "ava";
import { createOpenedFiles, MOST_OPENED_FILES } from "../../core/recording/opened/opened-files.ts";
import { recordingOf, upgradeLine } from "./lines.ts";

const entry = (messages: readonly object[], rest: object = {}) => ({
  startedDateTime: "2026-01-02T03:04:05.000Z",
  request: {
    method: "GET",
    url: "wss://chat.example/room?user=ada",
    headers: [{ name: "Host", value: "chat.example" }],
  },
  response: { status: 101, headers: [{ name: "Sec-WebSocket-Protocol", value: "chat.v1" }] },
  _resourceType: "websocket",
  _webSocketMessages: messages,
  ...rest,
});
const harOf = (...entries: readonly object[]) => JSON.stringify({ log: { version: "1.2", entries } });
const time = Date.parse("2026-01-02T03:04:06.000Z") / 1000;
const said = [
  { type: "send", time, opcode: 1, data: "hello", comment: "odd", _marked: true },
  { type: "receive", time: time + 1, opcode: 2, data: "AAEC" },
  { type: "send", time: time + 2, opcode: 1, data: "cut", _length: 900 },
];

test("the WebSockets of a HAR file are records, that filters find", async (t) => {
  const files = createOpenedFiles(() => ["user"]);
  t.teardown(files.closeAll);
  const opened = files.open(`\uFEFF${harOf(entry(said), { request: {} })}`, "a.har");
  t.like(opened, { name: "a.har", records: 4, sessions: 1 });
  const store = files.find(opened.id)!;
  const seqs = async (filter: string) =>
    (await store.query({ filter, limit: 10 })).records.map(({ seq }) => seq);
  t.deepEqual(await seqs(""), [4, 3, 2, 1]);
  t.deepEqual(await seqs("origin:client size>500B host:chat.example"), [4]);
  t.deepEqual(await seqs("marked note:odd"), [2]);
  t.like(await store.get(3), {
    kind: "frame",
    origin: "server",
    opcode: 2,
    sequence: 1,
    length: 3,
    outcome: "spliced",
  });
  t.like(await store.get(1), {
    kind: "upgrade",
    path: "/room?user=ada",
    subprotocol: "chat.v1",
    client: "",
    status: 101,
  });
  const page = await store.query({ after: 1, limit: 2 });
  t.deepEqual([page.records.map(({ seq }) => seq), page.hasMore], [[2, 3], true]);
  t.deepEqual(
    (await store.query({ before: 3, limit: 9 })).records.map(({ seq }) => seq),
    [2, 1],
  );
  await t.throwsAsync(store.note(1, { marked: true, note: "" }), { code: "ERR_TRAFFIC_SHARED" });
});

test("few are open at once, the one that was looked at longest ago goes", (t) => {
  const files = createOpenedFiles(() => []);
  t.teardown(files.closeAll);
  const [first, second] = Array.from({ length: MOST_OPENED_FILES }, () =>
    files.open(harOf(entry(said)), "a.har"),
  );
  files.find(first!.id);
  files.open(harOf(entry(said)), "b.har");
  t.not(files.find(first!.id), undefined);
  t.is(files.find(second!.id), undefined);
  t.true(files.close(first!.id));
  t.false(files.close(first!.id));
});

test("what is no such file is told with the place that is wrong", (t) => {
  const files = createOpenedFiles(() => []);
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /^x\.har: expected a recording .* it is no JSON/],
    ["<html>", /it is no JSON/],
    ["[]", /it has no `log\.entries`/],
    [harOf({ request: {} }), /it holds no WebSocket/],
    [harOf({}, entry([{ type: "said" }])), /`log\.entries\.1\._webSocketMessages\.0\.type`/],
    [harOf(entry(said, { startedDateTime: "today" })), /startedDateTime` is no time/],
    [
      harOf(entry(said, { request: { method: "GET", url: "data:@evil.example/x", headers: [] } })),
      /request\.url` is no URL of a WebSocket/,
    ],
    [recordingOf(upgradeLine({ url: "@evil.example/x" })), /x\.har:2: `url` .* begins with `\/`/],
    ['{"type":"framegate-recording","version":99}', /x\.har:1: this recording is of version 99/],
  ];
  for (const [text, message] of cases) t.throws(() => files.open(text, "x.har"), { message });
  t.deepEqual(files.list(), []);
});
