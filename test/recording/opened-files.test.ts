import test from "ava";
import {
  createOpenedFiles,
  MOST_OPENED_FILES,
  MOST_OPENED_RECORDS,
} from "../../core/recording/opened/opened-files.ts";
import { messageLine, recordingOf, upgradeLine } from "./lines.ts";

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
  { type: "send", time: time + 2, opcode: 1, data: "cut", _length: 900, _outcome: "dropped" },
];

test("the WebSockets of a HAR file are records, that filters find", async (t) => {
  const files = createOpenedFiles(() => ["user"]);
  t.teardown(files.closeAll);
  const opened = await files.open(`\uFEFF${harOf(entry(said), { request: {} })}`, "a.har");
  t.like(opened, { name: "a.har", records: 4, sessions: 1 });
  const store = files.find(opened.id)!;
  const seqs = async (filter: string) =>
    (await store.query({ filter, limit: 10 })).records.map(({ seq }) => seq);
  t.deepEqual(await seqs(""), [4, 3, 2, 1]);
  t.deepEqual(await seqs("origin:client size>500B host:chat.example"), [4]);
  t.deepEqual(await seqs("marked note:odd"), [2]);
  // As the gateway's own export says what its policies have made of a message.
  t.deepEqual(await seqs("outcome:dropped"), [4]);
  t.deepEqual(await seqs("outcome:spliced"), [3, 2]);
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

test("few are open at once, the one that was looked at longest ago goes", async (t) => {
  const files = createOpenedFiles(() => []);
  t.teardown(files.closeAll);
  const [first, second] = await Promise.all(
    Array.from({ length: MOST_OPENED_FILES }, () => files.open(harOf(entry(said)), "a.har")),
  );
  files.find(first!.id);
  await files.open(harOf(entry(said)), "b.har");
  t.not(files.find(first!.id), undefined);
  t.is(files.find(second!.id), undefined);
  t.true(files.close(first!.id));
  t.false(files.close(first!.id));
});

test("what is no such file is told with the place that is wrong", async (t) => {
  const files = createOpenedFiles(() => []);
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /^x\.har: expected a recording .* it is no JSON/],
    ["<html>", /it is no JSON/],
    ["[]", /it has no `log\.entries`/],
    [harOf({ request: {} }), /it holds no WebSocket/],
    [harOf({}, entry([{ type: "said" }])), /`log\.entries\.1\._webSocketMessages\.0\.type`/],
    [harOf(entry(said, { startedDateTime: "today" })), /startedDateTime` is no time/],
    [
      harOf(entry(said, { response: { status: 101, headers: Array(1001).fill({}) } })),
      /`log\.entries\.0\.response\.headers`: expected at most 1000 header fields/,
    ],
    [
      harOf(entry(said, { request: { method: "GET", url: "data:@evil.example/x", headers: [] } })),
      /request\.url` is no URL of a WebSocket/,
    ],
    [recordingOf(upgradeLine({ url: "@evil.example/x" })), /x\.har:2: `url` .* begins with `\/`/],
    ['{"type":"framegate-recording","version":99}', /x\.har:1: this recording is of version 99/],
  ];
  for (const [text, message] of cases) await t.throwsAsync(files.open(text, "x.har"), { message });
  t.deepEqual(files.list(), []);
});

const many = (count: number) => Array.from({ length: count }, () => said[0]!);

test("others have their turn while a file is read, and what is too much of it is not", async (t) => {
  const files = createOpenedFiles(() => []);
  t.teardown(files.closeAll);
  let turns = 0;
  let isRead = false;
  const turn = () => {
    turns++;
    if (!isRead) setImmediate(turn);
  };
  const har = files.open(harOf(entry(many(MOST_OPENED_RECORDS - 1))), "a.har");
  setImmediate(turn);
  t.is((await har).records, MOST_OPENED_RECORDS);
  isRead = true;
  // Each is a slice of some milliseconds.
  t.true(turns > 10, `${turns}`);

  const message =
    /^x\.har(?::2)?: expected at most (?:100,000 records|(?:1,000,000|50,000) values of JSON.*), got more/;
  const tooLarge = { code: "ERR_RECORDING_SIZE", message };
  const lines = (count: number) => Array.from({ length: count }, () => messageLine());
  for (const text of [
    harOf(entry(many(MOST_OPENED_RECORDS))),
    recordingOf(upgradeLine(), ...lines(MOST_OPENED_RECORDS)),
    `{"log":{"entries":[${"{},".repeat(1_000_000)}{}]}}`,
    recordingOf(upgradeLine({ result: { attributes: { list: Array(50_000).fill(0) } } as never })),
  ])
    await t.throwsAsync(files.open(text, "x.har"), tooLarge);
  // Text is no values, whatever stands in it.
  const text = { ...said[0]!, data: '\\"{[,'.repeat(300_000) };
  t.is((await files.open(harOf(entry([text])), "b.har")).records, 2);
});

test("records of one session are found among those of others, page by page", async (t) => {
  const files = createOpenedFiles(() => []);
  t.teardown(files.closeAll);
  const lines = ["a", "b", "a", "b", "a"].map((session) => messageLine({ session }));
  const text = recordingOf(upgradeLine({ session: "a" }), upgradeLine({ session: "b" }), ...lines);
  const store = files.find((await files.open(text, "a.ndjson")).id)!;
  const seqs = async (query: object) => {
    const { records, hasMore } = await store.query({ limit: 2, ...query });
    return [records.map(({ seq }) => seq), hasMore];
  };
  t.deepEqual(await seqs({ session: "a" }), [[7, 5], true]);
  t.deepEqual(await seqs({ session: "a", before: 5 }), [[3, 1], false]);
  t.deepEqual(await seqs({ session: "a", after: 1 }), [[3, 5], true]);
  t.deepEqual(await seqs({ filter: "session:b kind:frame", after: 2, before: 6 }), [[4], false]);
  t.deepEqual(await seqs({ session: "c" }), [[], false]);
});
