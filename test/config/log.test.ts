import test from "ava";
import { createLogger } from "../../core/log.ts";

test("one JSON object a line, from the level on", (t) => {
  const { lines, destination } = collect();
  const logger = createLogger({ level: "warn", destination });
  logger.info("no");
  logger.warn({ session: "s1" }, "yes");
  t.like(JSON.parse(lines.join("")), { level: "warn", session: "s1", msg: "yes" });
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

function collect() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}
