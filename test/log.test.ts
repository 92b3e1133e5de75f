import { Writable } from "node:stream";
import test from "ava";
import { createLogger } from "../core/log.ts";
import { compileRedaction, USUAL_REDACTION } from "../core/redaction/rules.ts";

test("one JSON object a line, from the level on", (t) => {
  const { lines, destination } = collect();
  const logger = createLogger({ level: "warn", destination });
  logger.info("no");
  logger.warn({ session: "s1" }, "yes");
  t.like(JSON.parse(lines.join("")), { level: "warn", session: "s1", msg: "yes" });
});

test("level and rules change for a logger and its children", (t) => {
  const { lines, destination } = collect();
  const logger = createLogger({ level: "warn", destination });
  const child = logger.child({ session: "s1" });
  child.info("no");
  logger.change({ level: "info", rules: compileRedaction({ ...USUAL_REDACTION, query: ["pin"] }) });
  child.info({ detail: "pin=12" }, "pin=34");
  logger.change({ level: "silent" });
  child.error("no");
  t.is(lines.length, 1);
  t.like(JSON.parse(lines[0]!), { session: "s1", detail: "pin=[redacted]", msg: "pin=[redacted]" });
});

test("lines for people are without what holds nothing, and times are short", (t) => {
  let shown = "";
  const destination = new Writable({
    write(chunk, _encoding, done) {
      shown += chunk;
      done();
    },
  });
  const fields = {
    durationMs: 413.63474199999973,
    detail: "",
    policy: null,
    messages: { client: 0 },
    by: {},
  };
  createLogger({ level: "info", destination, pretty: true }).info(
    { ...fields, err: new Error("broken") },
    "ended",
  );
  t.regex(shown, /^\d\d:\d\d:\d\d ended duration=414ms messages=\{client=0\}\n {4}Error: broken\n {4}at /);
  t.notRegex(shown, /detail|policy|by:/);
});

test("an error is logged with its stack", (t) => {
  const { lines, destination } = collect();
  createLogger({ level: "info", destination }).error({ err: new TypeError("broken") }, "failed");
  t.like(JSON.parse(lines[0]!), { err: { type: "TypeError", message: "broken" } });
});

test("headers that carry credentials are never logged, however they are held", (t) => {
  const { lines, destination } = collect();
  const logger = createLogger({ level: "info", destination }).child({ cookie: "SECRET", session: "s1" });
  logger.info(
    {
      request: { headers: { Authorization: "SECRET", host: "a", "proxy-authorization": ["SECRET"] } },
      rawHeaders: ["Host", "a", "Sec-WebSocket-Protocol", "SECRET", "Accept", "b"],
      pairs: [
        ["set-cookie", "SECRET"],
        ["x", "kept"],
      ],
    },
    "upgrade",
  );
  t.notRegex(lines[0]!, /SECRET/);
  t.like(JSON.parse(lines[0]!), {
    cookie: "[redacted]",
    session: "s1",
    request: { headers: { Authorization: "[redacted]", host: "a" } },
    rawHeaders: ["Host", "a", "Sec-WebSocket-Protocol", "[redacted]", "Accept", "b"],
    pairs: [
      ["set-cookie", "[redacted]"],
      ["x", "kept"],
    ],
  });
});

test("texts and values are redacted by the same rules as all that is recorded", (t) => {
  const { lines, destination } = collect();
  const rules = compileRedaction({ ...USUAL_REDACTION, patterns: [{ pattern: "\\d{4}-\\d{4}", flags: "" }] });
  const logger = createLogger({ level: "info", destination, rules });
  logger.debug("no");
  logger.info({ path: "/a?token=SECRET&b=1", list: ["1234-5678"], apiKey: 5 }, "password=SECRET");
  logger.child({ server: "ws://u:SECRET@h/" }).warn("got 1234-5678");
  t.like(JSON.parse(lines[0]!), {
    path: "/a?token=[redacted]&b=1",
    list: ["[redacted]"],
    apiKey: "[redacted]",
    msg: "password=[redacted]",
  });
  t.like(JSON.parse(lines[1]!), { server: "ws://[redacted]@h/", msg: "got [redacted]" });
  t.is(lines.length, 2);
});

function collect() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

test("for people, a text cannot look like a line of the gateway's own, nor steer the terminal", (t) => {
  let shown = "";
  const destination = new Writable({
    write(chunk, _encoding, done) {
      shown += String(chunk);
      done();
    },
  });
  createLogger({ level: "info", pretty: true, destination }).info("a\n[10:00] ERROR: b\u001b[2J\u009bc\td");
  t.regex(shown, /\d\d a\n {4}\[10:00\] ERROR: b\\x1b\[2J\\x9bc\td\n$/);
});
