import test from "ava";
import { ConfigError, resolveConfig } from "../../../core/config/index.ts";

test("traffic and redact, as the program reads them", (t) => {
  const { traffic, redact } = resolveConfig(
    {
      traffic: { file: "data/traffic.db", maxSize: "1GiB", maxRecords: 5000, maxAge: 0 },
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
  [{ traffic: { maxAge: 5 } }, "traffic.maxAge", /expected a duration/],
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
