import { readFile } from "node:fs/promises";
import test from "ava";
import { type DocumentName, readDocument, root, rowsOf, sectionOf } from "./documents.ts";

/** The numbers of each row of a table of limits that no option changes, and the constants that they are. */
const limits: Readonly<
  Record<string, readonly (readonly [file: string, constant: string, unit?: number])[]>
> = {
  "bodies in `reply`, and in `append`": [["sandbox/wire/verdicts.ts", "MAX_MESSAGES"]],
  "all bodies of a verdict together": [["sandbox/wire/verdicts.ts", "MAX_BODIES_SHARE"]],
  "`headers`, `responseHeaders` and `reject.headers`, each": [
    ["sandbox/wire/fields.ts", "MAX_FIELDS"],
    ["sandbox/wire/fields.ts", "MAX_FIELDS_LENGTH"],
  ],
  "`connect`": [["sandbox/wire/fields.ts", "MAX_URL_LENGTH"]],
  "`includes` and `startsWith` in `when`": [["sandbox/wire/when.ts", "MAX_FILTER_TEXT"]],
  "`json` in `when`": [
    ["sandbox/wire/when.ts", "MAX_FILTER_MEMBERS"],
    ["sandbox/wire/when.ts", "MAX_FILTER_VALUES"],
  ],
  "`route`, `optionsSchema`, `capabilities` and `when`, each": [
    ["sandbox/wire/guest-entry.ts", "MAX_EXPORT_LENGTH"],
  ],
  "`close.reason`": [["sandbox/wire/verdicts.ts", "MAX_REASON_BYTES"]],
  "`close.rule`": [["sandbox/wire/verdicts.ts", "MAX_RULE_LENGTH"]],
  "`attributes`": [["sandbox/wire/fields.ts", "MAX_ATTRIBUTES"]],
  "`hold.for`, `hold.messages` and `hold.bytes`": [
    ["sandbox/wire/verdicts.ts", "MAX_HOLD_MS"],
    ["sandbox/wire/verdicts.ts", "MAX_HOLD_MESSAGES"],
    ["sandbox/wire/verdicts.ts", "MAX_HOLD_BYTES"],
  ],
  "clients that one worker holds, and what it keeps of them": [
    ["core/upgrade/hold/hold-room.ts", "MOST_HELD"],
    ["core/upgrade/hold/hold-room.ts", "MOST_BYTES", 1024 ** 2],
  ],
  "`session`": [["sandbox/wire/verdicts.ts", "MAX_SESSION_LENGTH"]],
  "depth of plain data": [["sandbox/guest/hooks/plain-json.ts", "MAX_DEPTH"]],
  "log lines of one call": [
    ["sandbox/guest/globals/console.ts", "MAX_LINES"],
    ["sandbox/guest/globals/console.ts", "MAX_TEXT"],
  ],
  "log lines of one policy": [["sandbox/client/policy/log-limiter.ts", "LINES_PER_SECOND"]],
  "log lines of the faults of one policy, and those of renewals by it": [
    ["core/event-log.ts", "LINES_PER_SECOND"],
  ],
  "`tick` and `renew` at a time that a verdict has said (`in`, `at`, `renewAt`)": [
    ["core/session/times/timetable.ts", "MIN_DISTANCE_MS"],
  ],
  "all attributes of a connection, with those of a `renew` verdict merged over them": [
    ["sandbox/wire/fields.ts", "MAX_ATTRIBUTES"],
  ],
  "`crypto.getRandomValues`": [["sandbox/guest/globals/crypto.ts", "MAX_RANDOM"]],
  "key of `kv` with its namespace": [["sandbox/broker/kv-store.ts", "MAX_KEY"]],
  "value of `kv`": [["sandbox/broker/kv-store.ts", "MAX_VALUE"]],
  "key of `rates`": [["sandbox/broker/kv-store.ts", "MAX_KEY"]],
  "keys of `rates` that are not full again, of one namespace": [["sandbox/rates/rate-book.ts", "MAX_KEYS"]],
  "`kv` in memory": [
    ["sandbox/broker/memory-kv.ts", "MAX_ENTRIES"],
    ["sandbox/broker/memory-kv.ts", "MAX_BYTES", 1024 ** 2],
  ],
  "`kv` that a shadow has written": [
    ["sandbox/broker/overlay-kv.ts", "MAX_ENTRIES"],
    ["sandbox/broker/overlay-kv.ts", "MAX_BYTES", 1024 ** 2],
  ],
  "calls that wait for shadows in one worker, or are in them": [
    ["core/shadow/copies.ts", "MAX_CALLS"],
    ["core/shadow/copies.ts", "MAX_BYTES", 1024 ** 2],
  ],
  "samples of what a shadow says otherwise, of each kind and of each shadow": [
    ["core/shadow/shadow-book.ts", "SAMPLES_OF_A_KIND"],
    ["core/shadow/shadow-book.ts", "SAMPLES_OF_A_SHADOW"],
  ],
  "calls of capabilities and `crypto.subtle` on the way, of one policy": [
    ["sandbox/wire/ask-texts.ts", "MAX_POLICY_ASKS"],
    ["sandbox/wire/ask-texts.ts", "MAX_POLICY_ASK_BYTES", 1024 ** 2],
  ],
  "calls of capabilities on the way, of all policies of one worker": [
    ["sandbox/wire/ask-texts.ts", "MAX_HOST_ASKS"],
  ],
  "details of an alert": [["sandbox/wire/ask-texts.ts", "MAX_ALERT_BYTES"]],
  "alerts of one policy": [["core/alerts/alert-limit.ts", "MOST_IN_A_MINUTE"]],
  "timers of one policy at once": [["sandbox/guest/globals/timers.ts", "MAX_TIMERS"]],
  "redirects that `fetch` follows": [["sandbox/broker/fetch.ts", "MAX_REDIRECTS"]],
  "headers of a request of `fetch`, and of an answer": [
    ["sandbox/broker/fetch-hop.ts", "MAX_HEADER_BYTES", 1024],
  ],
  "calls of `URL` and `crypto` in one hook call": [["sandbox/guest/quota.ts", "MAX_UNITS"]],
  "elements of an array, or characters of a string, given to built-in loops such as `indexOf`, `fill`, `repeat`":
    [["sandbox/guest/taming.ts", "MAX_NATIVE_LENGTH"]],
  "archive of a pack": [
    ["policies/pack/archive.ts", "MAX_ARCHIVE_BYTES", 1024 ** 2],
    ["policies/pack/archive.ts", "MAX_UNPACKED_BYTES", 1024 ** 2],
    ["policies/pack/archive.ts", "MAX_ENTRIES"],
  ],
  "bundle of one policy of a pack": [["policies/pack/build.ts", "MAX_BUNDLE_BYTES", 1024 ** 2]],
  "time for a PROXY protocol header": [["core/listen/proxied-connection.ts", "HEADER_TIMEOUT_MS", 1000]],
  "head of the server's answer": [["core/upstream/dial/response-head.ts", "MAX_HEAD_BYTES", 1024]],
  "body of a server's refusal that is passed on": [
    ["core/upstream/dial/refusal-body.ts", "MAX_REFUSAL_BYTES", 1024],
  ],
  "connection to a server that no plain request uses": [
    ["core/upstream/dial/kept-connections.ts", "IDLE_CONNECTION_MS", 1000],
  ],
  "copies that wait for one connection to a mirror, and for all of a worker, unfinished ones with them": [
    ["core/mirror/mirror-link.ts", "MAX_LINK_BYTES", 1024 ** 2],
    ["core/mirror/mirror-room.ts", "MAX_WAITING_BYTES", 1024 ** 2],
  ],
  "message that is copied to a mirror": [["core/mirror/mirror-feed.ts", "MAX_COPY_BYTES", 1024 ** 2]],
  "connections to one mirror that a worker dials at once, and what it reads of all mirrors' answers in a second":
    [
      ["core/mirror/mirror-room.ts", "MAX_DIALLING"],
      ["core/mirror/mirror-room.ts", "MAX_READ_BYTES", 1024 ** 2],
    ],
  "waiting in one direction of one session before its sender is no longer read": [
    ["core/session/relay/pump-queue.ts", "HIGH_BYTES", 1024],
    ["core/session/relay/pump-queue.ts", "HIGH_COUNT"],
  ],
  "keys of `upgradeRate` that are not full again": [["sandbox/rates/rate-book.ts", "MAX_KEYS"]],
  "alerts that wait for one sink": [["core/alerts/webhook.ts", "MAX_QUEUED"]],
  "different alerts to one sink within its `every`": [["core/alerts/repeats.ts", "MAX_DIFFERENT"]],
  "a [filter](filters.md) of traffic": [
    ["core/traffic/filter/parse-filter.ts", "MOST_FILTER_LENGTH"],
    ["core/traffic/filter/parse-filter.ts", "MOST_FILTER_TESTS"],
    ["core/traffic/filter/parse-filter.ts", "MOST_PATTERNS"],
    ["core/traffic/filter/values.ts", "MOST_PATTERN_STEPS"],
  ],
  "text that a pattern of a filter sees of one payload or field, and of a record": [
    ["core/traffic/filter/look.ts", "MOST_PATTERN_TEXT", 1024],
    ["core/traffic/filter/look.ts", "MOST_PATTERN_RECORD", 1024],
    ["core/breakpoints/matching.ts", "MOST_LOOKED_AT", 1024],
  ],
  "what is known of sessions, so that their records say whose they are, beside `traffic.file`": [
    ["core/traffic/store/sqlite-store.ts", "MOST_FACTS_BYTES", 1024 ** 2],
  ],
  "records that are compared for one `sort`": [["core/traffic/filter/sort-records.ts", "MOST_SORTED"]],
  "recorded bytes that wait to be read for sinks": [
    ["core/sinks/batch-reading.ts", "MAX_WAITING_BYTES", 1024 ** 2],
  ],
  "records that go to a sink at once": [
    ["core/sinks/delivery/record-queue.ts", "MAX_BATCH_RECORDS"],
    ["core/sinks/delivery/record-queue.ts", "MAX_BATCH_BYTES", 1024 ** 2],
  ],
  "sessions that a sink of HAR files keeps until they end": [
    ["core/sinks/files/har-document.ts", "MAX_OPEN_BYTES", 1024 ** 2],
  ],
  "spans that wait for their collector": [["core/telemetry/span-exporter.ts", "MAX_QUEUED"]],
  "messages with spans of their own, a second and worker": [
    ["core/telemetry/message-sampling.ts", "MESSAGES_PER_SECOND"],
  ],
  "routes that metrics of messages and policies tell apart": [
    ["core/session/meters/route-meters.ts", "MOST_ROUTES"],
    ["sandbox/client/policy/counts/route-counts.ts", "MOST_ROUTES"],
  ],
  "faults of one session that are events of its span": [["core/telemetry/session-spans.ts", "MAX_EVENTS"]],
  "sessions with a span at once": [["core/telemetry/session-spans.ts", "MAX_OPEN"]],
  "shared buckets of `rate` that one worker keeps for clients that have gone": [
    ["core/session/limits/rate-gate.ts", "MAX_UNUSED"],
  ],
  "shared buckets of `rate` of all workers that are not full again": [
    ["core/leases/settled/bucket-book.ts", "MAX_BUCKETS"],
  ],
  "what several workers let in too much of a shared `rate` at one moment, and make good after": [
    ["core/leases/settled/bucket-book.ts", "MOST_OVERDRAWN"],
  ],
  "waiting for policies in one worker before no session with messages there is read": [
    ["sandbox/contract.ts", "HIGH_TIDE_BYTES", 1024 ** 2],
  ],
};

test("the documents have the limits that no option changes as the code has them", async (t) => {
  const rows = [
    ...rowsOf((await section("docs/policies.md", "Limits")).split("These are fixed:")[1] ?? ""),
    ...rowsOf(await section("docs/operations.md", "Fixed limits")),
  ];
  t.deepEqual(rows.map(([what]) => what).sort(), Object.keys(limits).sort());
  for (const [what = "", text = ""] of rows) {
    for (const [file, constant, unit = 1] of limits[what] ?? []) {
      const value = (await readConstant(file, constant)) / unit;
      t.true(numbersIn(text).includes(value), `${what}: ${file} has ${value}, the document "${text}"`);
    }
  }
});

async function section(name: DocumentName, heading: string): Promise<string> {
  return sectionOf(await readDocument(name), heading);
}

/** `65_536`, `1 << 24`, `64 * 1024`: few limits are exported, and none should be for the documents' sake. */
async function readConstant(file: string, name: string): Promise<number> {
  const source = await readFile(`${root}${file}`, "utf8");
  const value = new RegExp(`\\bconst ${name} = ([\\d_ *<]+);`).exec(source)?.[1];
  if (value === undefined) throw new Error(`${file} has no constant ${name}`);
  const [base = "", shift = "0"] = value.replaceAll("_", "").split("<<");
  return base.split("*").reduce((product, factor) => product * Number(factor), 1) * 2 ** Number(shift);
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d[\d,]*/g)].map(([digits]) => Number(digits.replaceAll(",", "")));
}
