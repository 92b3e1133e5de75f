import { execFile } from "node:child_process";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { openEarlier } from "../../cli/recording/policies-of-revision.ts";
import { makeFolder } from "../config/folder.ts";
import {
  closeLine,
  headerLine,
  hookLine,
  messageLine,
  recordingOf,
  upgradeLine,
} from "../recording/lines.ts";
import { runCommand } from "./in-process.ts";

/** What a policy knows of time and chance, and what it waits for. */
const stamp = `
export const client = async ({ content, session }) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  session.count = (session.count ?? 0) + 1;
  const more = { count: session.count, at: Date.now(), id: crypto.randomUUID(), chance: Math.random() };
  return { content: { body: JSON.stringify({ ...content.json(), ...more }) } };
};`;

const limit = (most: number) => `
export const upgrade = ({ request }) => ({ attributes: { user: request.query.user } });

export function client({ content, kv }) {
  return content.json().amount > ${most} ? { drop: true, reply: [JSON.stringify({ error: "too much" })] } : undefined;
}`;

const accepted = { status: 101, attributes: { user: "ann" }, server: "ws://s/", subprotocol: "", steps: [] };
const passed = { outcome: "passed" as const, replies: [], appended: [], steps: [] };

const orders = recordingOf(
  upgradeLine({ url: "/orders?user=ann", result: accepted }),
  ...[10, 20, 30].map((amount, index) =>
    messageLine({ time: 2000 + index, body: { text: JSON.stringify({ amount }) }, result: passed }),
  ),
  closeLine(),
);

test("a changed policy: the one message that comes out otherwise, with the JSON diff and the line of the hook", async (t) => {
  const dir = await makeFolder(t, { "policies/limit.ts": limit(25), "day.ndjson": orders });
  const replayed = await runCommand(["replay", "day.ndjson"], dir);
  t.is(replayed.stderr, "");
  t.is(
    replayed.stdout,
    `day.ndjson: 1 session, 3 messages replayed

policies/limit.ts:4: policy limit, hook client: message, replies[*] differs
  message 3 of the client, session s1 (line 5, 1970-01-01T00:00:02.002Z)
    message: {"json":{"amount":30}} → null
    replies[0]: + {"json":{"error":"too much"}}

1 new difference of 1 kind
`,
  );
  t.is(replayed.exitCode, 1);
  t.is((await runCommand(["replay", "day.ndjson", "--policies", "policies", "--accept"], dir)).exitCode, 0);
  const again = await runCommand(["replay", "day.ndjson"], dir);
  t.is(again.stdout, "day.ndjson: 1 session, 3 messages replayed\nno new difference, 1 accepted before\n");
  t.is(again.exitCode, 0);
  // What was accepted is not what it is now.
  await writeFile(join(dir, "policies/limit.ts"), limit(15));
  const files = ["--junit", "junit.xml", "--sarif", "out.sarif"];
  const other = await runCommand(["replay", "day.ndjson", ...files], dir);
  t.is(other.exitCode, 1);
  t.regex(other.stdout, /1 new difference of 1 kind, 1 accepted before/);
  await writeFile(join(dir, "policies/limit.ts"), limit(99));
  t.is(
    (await runCommand(["replay", "day.ndjson", "--accept"], dir)).stdout,
    "0 differences accepted in day.ndjson.baseline.json, 1 that no longer differs removed\n",
  );
  t.regex(
    await readFile(join(dir, "junit.xml"), "utf8"),
    /failures="1"[\s\S]*file="policies\/limit.ts" line="4"/,
  );
  const { runs } = JSON.parse(await readFile(join(dir, "out.sarif"), "utf8"));
  t.deepEqual(runs[0].results[0].locations, [
    {
      physicalLocation: { artifactLocation: { uri: "policies/limit.ts" }, region: { startLine: 4 } },
    },
  ]);
});

test("time, timers and randomness come from the recording: two runs give the same bytes", async (t) => {
  const dir = await makeFolder(t, { "policies/stamp.ts": stamp, "day.ndjson": orders });
  const first = await runCommand(["replay", "day.ndjson"], dir);
  t.regex(first.stdout, /message\.json\.at: \+ 2020\n/);
  t.deepEqual(await runCommand(["replay", "day.ndjson"], dir), first);
});

test("--against a folder, or a revision of git, compares verdict by verdict; HAR files of Chrome's are read", async (t) => {
  const har = {
    log: {
      entries: [
        { request: { url: "https://shop.example/app.js" } },
        {
          startedDateTime: "2026-01-01T00:00:00.000Z",
          request: {
            method: "GET",
            url: "wss://shop.example/orders?user=ann",
            headers: [{ name: "Host", value: "shop.example" }],
          },
          response: { status: 101, headers: [] },
          _webSocketMessages: [
            { type: "send", time: 1767225600.5, opcode: 1, data: '{"amount":20}' },
            { type: "receive", time: 1767225600.6, opcode: 2, data: "AAEC" },
          ],
        },
      ],
    },
  };
  const dir = await makeFolder(t, {
    "policies/limit.ts": limit(25),
    "old/limit.ts": limit(15),
    "shop.har": JSON.stringify(har),
  });
  const git = (...args: string[]) =>
    promisify(execFile)("git", ["-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "first");
  await writeFile(join(dir, "policies/limit.ts"), limit(15));

  const same = await runCommand(["replay", "shop.har", "--against", "old"], dir);
  t.is(same.stdout, "shop.har: 1 session, 2 messages replayed\nno new difference\n");
  const changed = await runCommand(["replay", "shop.har", "--against", "HEAD"], dir);
  t.is(changed.exitCode, 1);
  t.regex(changed.stdout, /policies\/limit\.ts:4: policy limit, hook client: drop, reply differs\n/);
  await symlink(dir, join(dir, "link"));
  const linked = await openEarlier("HEAD", join(dir, "link", "policies"));
  t.is(await readFile(join(linked.dir, "limit.ts"), "utf8"), limit(25));
  await linked.remove();
  const unknown = await runCommand(["replay", "shop.har", "--against", "nothing"], dir);
  t.is(unknown.exitCode, 2);
  t.regex(
    unknown.stderr,
    /^framegate: --against: there is no folder nothing, and \S+ has no such revision\./,
  );
});

test("tick and renew are called at the times of the recording, and what they say is compared", async (t) => {
  const timed = (more = "") => `
export const client = ({ content, session }) => {
  session.last = content.json().amount;
};
export const tick = ({ time, late, session, websock }) => {
  if (session.last === 30) return { close: { code: 4001, reason: "over" } };
  const { by } = websock.context.attributes;
  return { toClient: [JSON.stringify({ time, late, now: Date.now(), last: session.last${more}, by })] };
};
export const renew = ({ reason }) => ({ attributes: { by: reason } });`;
  const nothing = { toClient: [], toServer: [], attributes: {} };
  const ticked = { time: 2500, late: 3, now: 2500, last: 10, by: "request" };
  const message = (time: number, amount: number) =>
    messageLine({ time, body: { text: JSON.stringify({ amount }) }, result: passed });
  const cut = { ...nothing, outcome: "sent" as const, toClient: [{ text: '{"ti', length: 60 }] };
  const file = recordingOf(
    upgradeLine({ result: { ...accepted, attributes: {} } }),
    message(2000, 10),
    hookLine({ hook: "renew", by: "request", time: 2200, result: renewed("request") }, ""),
    hookLine({ hook: "renew", by: "message", time: 2300, result: renewed("message") }, ""),
    hookLine({ late: 3 }, JSON.stringify(ticked)),
    hookLine({ time: 2600, result: cut }, ""),
    message(2700, 30),
    hookLine(
      { time: 2800, result: { ...nothing, outcome: "closed", close: { code: 4001, reason: "over" } } },
      "",
    ),
    closeLine(),
  );
  function renewed(by: string) {
    return { ...nothing, outcome: "renewed" as const, attributes: { by } };
  }
  const dir = await makeFolder(t, {
    ...{ "policies/timed.ts": timed(), "older/timed.ts": timed(), "day.ndjson": file },
  });
  const { stdout } = await runCommand(["replay", "day.ndjson"], dir);
  t.is(stdout, "day.ndjson: 1 session, 2 messages replayed\nno new difference\n");
  await writeFile(join(dir, "policies/timed.ts"), timed(" + 1"));
  const changed = await runCommand(["replay", "day.ndjson"], dir);
  t.is(
    changed.stdout,
    `day.ndjson: 1 session, 2 messages replayed

policies/timed.ts:5: policy timed, hook tick: toClient[*].json.last differs
  tick, session s1 (line 6, 1970-01-01T00:00:02.500Z)
    toClient[0].json.last: 10 → 11

1 new difference of 1 kind
`,
  );
  const against = await runCommand(["replay", "day.ndjson", "--against", "older"], dir);
  t.regex(against.stdout, /hook tick: toClient\[\*\]\.json\.last differs 2 times\n/);
  await writeFile(join(dir, "policies/timed.ts"), "export const client = () => {};");
  const gone = await runCommand(["replay", "day.ndjson"], dir);
  t.regex(gone.stdout, /hook renew: attributes\.by differs\n/);
  t.regex(gone.stdout, /hook tick: close/);
});

test("what a policy asks for is answered from the recording; what was not recorded says so", async (t) => {
  const ask = `
    export const client = async ({ kv }) => ({ content: { body: JSON.stringify({
      seen: await kv.get("seen"),
      count: await kv.increment("count"),
      fetched: await fetch("https://api.example/x").then(() => "", (error) => error.message),
    }) } });`;
  const capability = {
    type: "capability",
    time: 2000,
    policy: "ask",
    kind: "kv",
    ask: "get seen",
    answer: { text: JSON.stringify('"yes"') },
  };
  const file = recordingOf(upgradeLine(), capability, messageLine({ result: passed }));
  const dir = await makeFolder(t, { "policies/ask.ts": ask, "day.ndjson": file });
  const { stdout } = await runCommand(["replay", "day.ndjson"], dir);
  const lines = [
    'seen: + "yes"',
    "count: + 1",
    'fetched: + "the recording holds no answer to GET https://api.example/x"',
  ];
  t.true(stdout.includes(lines.map((line) => `    message.json.${line}\n`).join("")), stdout);
});

test("a policy that never ends is told of, and what comes after it is replayed all the same", async (t) => {
  const loop = `export const client = ({ content }) => {
    if (content.json().amount === 20) for (;;);
    return content.json().amount === 30 ? { drop: true } : undefined;
  };`;
  const config = 'routes: [{ path: "/*", upstream: "ws://localhost:1", policies: "*", onError: pass }]';
  const dir = await makeFolder(t, {
    "policies/loop.ts": loop,
    "framegate.config.yaml": config,
    "day.ndjson": orders,
  });
  const { stdout: told } = await runCommand(["replay", "day.ndjson"], dir);
  t.regex(
    told,
    /message 2 of the client, .*\n {4}failed: false → true\n {4}`client` ran for more than 2000 ms/,
  );
  t.regex(told, /message 3 of the client, .*\n {4}message: \{"json":\{"amount":30\}\} → null\n/);
});

test("files that are none are told of with the line, and what was expected", async (t) => {
  const nested = "[".repeat(20_000) + "]".repeat(20_000);
  const deep = JSON.stringify(
    upgradeLine({ result: { ...accepted, attributes: { nested: "NESTED" } } }),
  ).replace('"NESTED"', nested);
  const dir = await makeFolder(t, {
    "policies/limit.ts": limit(1),
    "cut.ndjson": `${headerLine}\n${JSON.stringify(upgradeLine())}\n{"type":"mess`,
    "strange.ndjson": `${headerLine}\n${JSON.stringify({ ...upgradeLine(), url: 5 })}\n`,
    "orphan.ndjson": `${headerLine}\n${JSON.stringify(messageLine({}))}\n`,
    "later.ndjson": headerLine.replace('"version":1', '"version":2'),
    "deep.ndjson": `${headerLine}\n${deep}\n`,
    "text.txt": "hello",
    "empty.ndjson": `${headerLine}\n`,
    "parts.ndjson": recordingOf(
      upgradeLine(),
      messageLine({ body: { text: "hell", length: 5 }, result: passed }),
    ),
  });
  const told = async (file: string) => {
    const { exitCode, stderr } = await runCommand(["replay", file], dir);
    t.is(exitCode, 1);
    return stderr;
  };
  t.is(await told("none.ndjson"), "framegate: There is no file none.ndjson: `framegate record` makes one.\n");
  t.regex(await told("empty.ndjson"), /^framegate: Nothing was replayed: empty\.ndjson has no session\./);
  t.regex(
    await told("parts.ndjson"),
    /^framegate: Nothing was replayed: parts\.ndjson has no message that is there whole\./,
  );
  t.regex(
    await told("cut.ndjson"),
    /^framegate: cut\.ndjson:3: expected a line of JSON, got .*Is the file cut off\?/,
  );
  t.regex(await told("strange.ndjson"), /^framegate: strange\.ndjson:2: `url` is not what a recording holds/);
  t.regex(await told("deep.ndjson"), /^framegate: deep\.ndjson:2: what a recording holds is nested 200 deep/);
  t.regex(
    await told("orphan.ndjson"),
    /^framegate: orphan\.ndjson:2: a message of the session "s1", which has no upgrade/,
  );
  t.regex(await told("later.ndjson"), /^framegate: later\.ndjson:1: this recording is of version 2/);
  t.regex(
    await told("text.txt"),
    /^framegate: text\.txt: expected a recording of `framegate record`, or a HAR file/,
  );
});
