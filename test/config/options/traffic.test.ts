import test from "ava";
import { ConfigError, resolveConfig } from "../../../core/config/index.ts";

test("traffic and redact, as the program reads them", (t) => {
  const { traffic, redact } = resolveConfig(
    {
      traffic: { file: "data/traffic.db", maxSize: "1GiB", maxRecords: 5000, maxAge: 0, subject: "uid" },
      redact: {
        defaults: false,
        headers: ["X-Mine"],
        query: ["mine"],
        json: ["$.card.number", "$..ssn"],
        patterns: [{ pattern: "\\d{16}" }, { pattern: "secret-\\w+", flags: "iu" }],
      },
    },
    { dir: "/etc/gate" },
  );
  t.deepEqual(traffic, {
    file: "/etc/gate/data/traffic.db",
    maxBytes: 1_073_741_824,
    maxRecords: 5000,
    maxAgeMs: 0,
    subjects: ["uid"],
  });
  t.deepEqual(redact, {
    defaults: false,
    headers: ["X-Mine"],
    query: ["mine"],
    json: ["$.card.number", "$..ssn"],
    patterns: [
      { pattern: "\\d{16}", flags: "" },
      { pattern: "secret-\\w+", flags: "iu" },
    ],
  });
});

const problems: readonly (readonly [input: object, path: string, message: RegExp])[] = [
  [{ traffic: { maxSize: "1KiB" } }, "traffic.maxSize", /at least 1MiB, got "1KiB"/],
  [{ traffic: { maxRecords: 0 } }, "traffic.maxRecords", /from 1000 to 100000000, got 0/],
  [{ traffic: { subject: [] } }, "traffic.subject", /expected the name of an attribute, or a list/],
  [{ traffic: { maxAge: 5 } }, "traffic.maxAge", /expected a duration/],
  [
    { traffic: { readFrom: "files" }, sinks: [{ files: { dir: "t" } }] },
    "traffic.readFrom",
    /that has postgres, got "files"/,
  ],
  [{ sinks: [{}] }, "sinks[0]", /an object with one of files, .*, and only one/],
  [
    { sinks: [{ files: { dir: "a" } }, { files: { dir: "b" } }] },
    "sinks[1].name",
    /that no other sink has, got "files"/,
  ],
  [{ sinks: [{ files: { dir: "a" }, queue: 1 }] }, "sinks[0].queue", /at least 64KiB/],
  ...[
    "postgres://u:secret@h/d",
    "http://u@h/d",
    "postgres://h/d",
    "postgres://u@h",
    "postgres://u@h/d?sslmode=off",
  ].map(
    (url) =>
      [{ sinks: [{ postgres: { url } }] }, "sinks[0].postgres.url", /a URL without a password/] as const,
  ),
  [
    { sinks: [{ postgres: { url: "postgres://u@h/d", table: "a b" } }] },
    "sinks[0].postgres.table",
    /the name of a table/,
  ],
  [{ traffic: { file: "" } }, "traffic.file", /expected the path of a file, got ""/],
  [{ redact: { headers: ["a b"] } }, "redact.headers[0]", /expected the name of a header, got "a b"/],
  [{ redact: { json: ["card.number"] } }, "redact.json[0]", /expected a path such as .*, got "card\.number"/],
  [{ redact: { json: ["$"] } }, "redact.json[0]", /expected a path/],
  [{ redact: { patterns: [{ pattern: "(" }] } }, "redact.patterns[0].pattern", /missing closing/],
  [{ redact: { patterns: [{ pattern: "a*" }] } }, "redact.patterns[0].pattern", /the empty text/],
  [{ redact: { patterns: [{ pattern: "a", flags: "g" }] } }, "redact.patterns[0].flags", /flags of i, m, s/],
  [{ redact: { patterns: [{ pattern: "a", flags: "v" }] } }, "redact.patterns[0].flags", /flags of i, m, s/],
  ...["(?=a)b", "(?<!a)b", "(a)\\1", "a{2000}"].map(
    (pattern) =>
      [{ redact: { patterns: [{ pattern }] } }, "redact.patterns[0].pattern", /without lookaround/] as const,
  ),
];

for (const [input, path, message] of problems) {
  test(`problem: ${JSON.stringify(input)}`, (t) => {
    const error = t.throws(() => resolveConfig(input, { dir: "/" }), { instanceOf: ConfigError });
    t.deepEqual(
      error!.problems.map((problem) => problem.path),
      [path],
    );
    t.regex(error!.problems[0]!.message, message);
  });
}

test("where a table of Postgres is, and when it is asked over TLS", (t) => {
  const target = (url: string, rest: object = {}) =>
    resolveConfig({ sinks: [{ postgres: { url, ...rest } }] }, { dir: "/" }).sinks[0]!.target;
  t.deepEqual(target("postgresql://me@db.test:5433/traffic", { password: { file: "pw" } }), {
    type: "postgres",
    ...{ host: "db.test", port: 5433, user: "me", database: "traffic", tls: true },
    ...{ password: { file: "/pw" }, table: "framegate_traffic", create: true, keepMs: 604_800_000 },
  });
  t.like(target("postgres:///traffic?host=/run/postgresql&user=me"), {
    ...{ host: "/run/postgresql", port: 5432, user: "me", database: "traffic", tls: false },
  });
  t.like(target("postgres://m%40e@[::1]/t"), { host: "::1", user: "m@e", tls: false });
  t.like(target("postgres://me@127.0.0.1/t", { tls: true }), { tls: true });
});

test("patterns that are usual are no problem", (t) => {
  for (const pattern of [
    "\\b\\d{4}(?:[ -]?\\d{4}){3}\\b",
    "(?:foo|bar)-\\w+",
    "[+*(|)]+x",
    "a\\(b+\\)+",
    "(a+)+b",
    "(?<year>\\d{4})",
  ])
    t.notThrows(() => resolveConfig({ redact: { patterns: [{ pattern }] } }, { dir: "/" }), pattern);
});
