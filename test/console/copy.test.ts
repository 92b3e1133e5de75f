import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { connectCommand, curlCommand } from "../../console/parts/copy/commands.ts";
import { copyForms } from "../../console/parts/copy/copy-forms.ts";
import { printfCommand, shellWord } from "../../console/parts/copy/shell-words.ts";
import type { FrameRecord, PayloadView, UpgradeRecord } from "../../core/traffic/records.ts";

/** Programs of these names say, as hex, what they were given: their arguments, then their input. */
const programs = mkdtempSync(join(tmpdir(), "framegate-copy-"));
for (const name of ["wscat", "websocat", "curl"]) {
  const file = join(programs, name);
  writeFileSync(
    file,
    `#!/bin/sh
hex() { od -An -v -tx1 | tr -d ' \\n'; echo; }
for each in "${name}" "$@"; do printf '%s' "$each" | hex; done
[ ${name} != websocat ] || hex
`,
  );
  chmodSync(file, 0o755);
}
test.after.always(() => rmSync(programs, { recursive: true }));

function run(command: string): readonly string[] {
  // A terminal sees the command before a shell does.
  if (/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(command)) throw new Error("a control character");
  const path = `${programs}:${process.env.PATH}`;
  const lines = execFileSync("/bin/sh", ["-c", command], {
    encoding: "utf8",
    env: { PATH: path },
    cwd: programs,
  });
  return lines
    .slice(0, -1)
    .split("\n")
    .map((hex) => Buffer.from(hex, "hex").toString("latin1"));
}

const upgrade = {
  kind: "upgrade",
  method: "GET",
  path: "/it's/$(touch pwned)?q=`id`&a=[1]{2}",
  request: [
    ["Host", "chat.example:8080"],
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Key", "x3JJHMbDL1EzLkh9GBhXDw=="],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Protocol", "chat.v2, chat.v1"],
    ["Cookie", "sid=[redacted]"],
    ["X-Odd", "a'b\"c; rm -rf ~ # \\"],
    ["X-Empty", ""],
  ],
} as unknown as UpgradeRecord;
const url = "ws://chat.example:8080/it's/$(touch pwned)?q=`id`&a=[1]{2}";

function payloadOf(data: string | Buffer): PayloadView {
  const isText = typeof data === "string";
  return {
    encoding: isText ? "text" : "base64",
    data: isText ? data : data.toString("base64"),
    length: Buffer.byteLength(data),
    isCut: false,
    redactions: 0,
  };
}

const hostile = [
  "hello",
  `it's "quoted" $HOME $(id) \`id\` \\ ! !! * ~ # %s %n & ; | < > {a,b}`,
  "-x",
  "--help",
  "line\nline",
  "\x1b[201~\nrm -rf ~\n.",
  "tab\there \x03 \x7f \x9b \r.",
  "naïve 日本 😀 \u202egnp.exe",
  "x".repeat(20_000),
];

test("a wscat command gives the message, the path, the headers and the subprotocols as they were", (t) => {
  for (const text of hostile) {
    const given = run(connectCommand(upgrade, [], payloadOf(text)));
    t.deepEqual(given, [
      "wscat",
      "-c",
      url,
      "-H",
      "Cookie: sid=[redacted]",
      "-H",
      "X-Odd: a'b\"c; rm -rf ~ # \\",
      "-H",
      "X-Empty: ",
      "-s",
      "chat.v2",
      "-s",
      "chat.v1",
      "-x",
      Buffer.from(text).toString("latin1"),
      "-w",
      "5",
    ]);
  }
});

test("what is no argument, or no text, goes through websocat byte for byte", (t) => {
  const cases = [
    "a\0b",
    "ends so\n",
    "x".repeat(70_000),
    Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
    "",
  ];
  for (const data of cases) {
    const given = run(connectCommand(upgrade, [], payloadOf(data)));
    t.is(given[0], "websocat");
    t.is(given.at(-1), Buffer.from(data).toString("latin1"));
    t.is(given.at(-2), url);
    t.is(given.includes("--binary"), typeof data !== "string");
    t.is(given.includes("--buffer-size"), data.length > 60_000);
    t.true(given.includes("-H=Cookie: sid=[redacted]"));
  }
});

test("any text is one word, and any bytes are what printf writes", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.uint8Array(), (text, bytes) => {
      const word = shellWord(text);
      if (word === undefined) t.regex(text, /\0|\n$/);
      else t.deepEqual(run(`wscat ${word}`)[1], Buffer.from(text).toString("latin1"));
      t.deepEqual(run(`${printfCommand(bytes)} | websocat`)[1] ?? "", Buffer.from(bytes).toString("latin1"));
    }),
    { numRuns: 60 },
  );
});

test("a curl command has the head as it was, by TLS where a page of TLS asked", (t) => {
  const given = run(curlCommand(upgrade, []));
  t.is(given[0], "curl");
  t.true(given.includes(url.replace("ws:", "http:")));
  t.true(given.includes("Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw=="));
  t.true(given.includes("X-Empty;"));
  t.false(given.some((word) => word.startsWith("Host:")));
  const secure = {
    method: "PUT",
    path: "/a",
    request: [
      ["Origin", "https://a.example"],
      ["Host", "a.example"],
    ] as [string, string][],
  };
  t.deepEqual(run(curlCommand(secure, [])).slice(-5), [
    "-X",
    "PUT",
    "https://a.example/a",
    "-H",
    "Origin: https://a.example",
  ]);
  t.true(
    run(curlCommand({ ...secure, request: [] }, ["wss://127.0.0.1:8443"])).includes(
      "https://127.0.0.1:8443/a",
    ),
  );
});

test("there is no command in which a client would read another host than the record shows", (t) => {
  const asked = (path: string, host = "chat.example") => ({
    method: "GET",
    path,
    request: [["Host", host]] as [string, string][],
  });
  const refused = [
    asked("@evil.example/x"),
    asked(":80@evil.example/x"),
    asked(".evil.example/x"),
    asked("http://evil.example/x"),
    asked("*"),
    ...[
      "a@evil.example",
      "evil.example/x",
      "evil.example#",
      "evil.example?",
      "evil.example\\",
      "a b",
      "",
    ].map((host) => asked("/x", host)),
  ];
  for (const each of refused) {
    t.throws(() => connectCommand(each, []), { message: /^No command/ }, JSON.stringify(each));
    t.throws(() => curlCommand(each, []), { message: /^No command/ });
  }
  for (const host of ["chat.example", "[::1]:8080", "192.0.2.1:80", "bücher.example", "a_b:1"])
    t.is(
      new URL(run(connectCommand(asked("//evil.example/@x", host), []))[2]!).pathname,
      "//evil.example/@x",
    );
});

test("each form says what it lacks", (t) => {
  const frame = {
    kind: "frame",
    origin: "client",
    opcode: 1,
    payload: { ...payloadOf('{"a":[1]}'), length: 5000, isCut: true, redactions: 1 },
  } as unknown as FrameRecord;
  const forms = copyForms({ record: frame, begun: upgrade, listeners: [] });
  t.deepEqual(
    forms.map(({ name }) => name),
    ["Text", "JSON", "Hex", "Base64", "wscat command", "curl command"],
  );
  t.is(forms[1]!.text(), '{\n  "a": [\n    1\n  ]\n}');
  t.is(forms[2]!.text(), "7b 22 61 22 3a 5b 31 5d 7d");
  t.is(
    forms[4]!.lacks,
    "without what was not kept of its 5,000 bytes, and 2 redacted values, of which [redacted] stands there",
  );
  t.is(forms[5]!.lacks, "without 1 redacted value, of which [redacted] stands there");
  t.deepEqual(
    copyForms({ record: { ...frame, origin: "server" }, begun: undefined, listeners: [] }).map(
      ({ name }) => name,
    ),
    ["Text", "JSON", "Hex", "Base64"],
  );
});
