import test from "ava";
import { findHeadEnd, headerValue, parseResponseHead } from "../../../core/upstream/dial/response-head.ts";

const parse = (...lines: readonly string[]) => parseResponseHead(lines.join("\r\n"));

test("status, text and fields, as they came and in order", (t) => {
  t.deepEqual(parse("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "x-a:\t 1 2 \t", "X-A:"), {
    status: 101,
    statusText: "Switching Protocols",
    headers: [
      ["Upgrade", "websocket"],
      ["x-a", "1 2"],
      ["X-A", ""],
    ],
  });
});

test("a status without text, and HTTP/1.0", (t) => {
  t.is(parse("HTTP/1.1 404")?.status, 404);
  t.is(parse("HTTP/1.0 502 ")?.status, 502);
});

test("repeated fields are joined", (t) => {
  const head = parse("HTTP/1.1 200 OK", "A: 1", "B: x", "a: 2");
  t.is(head && headerValue(head, "a"), "1, 2");
  t.is(head && headerValue(head, "c"), undefined);
});

const wrong: readonly [string, readonly string[]][] = [
  ["another protocol", ["SSH-2.0-OpenSSH"]],
  ["HTTP/2", ["HTTP/2 200"]],
  ["a status of two digits", ["HTTP/1.1 20 OK"]],
  ["a status of four digits", ["HTTP/1.1 2000 OK"]],
  ["a folded line", ["HTTP/1.1 200 OK", "A: 1", " 2"]],
  ["a space before the colon", ["HTTP/1.1 200 OK", "A : 1"]],
  ["no colon", ["HTTP/1.1 200 OK", "A"]],
  ["no name", ["HTTP/1.1 200 OK", ": 1"]],
  ["a name that is no token", ["HTTP/1.1 200 OK", "A(b): 1"]],
  ["a NUL", ["HTTP/1.1 200 OK", "A: b\0"]],
  ["a line feed by itself", ["HTTP/1.1 200 OK", "A: b\nC: d"]],
  ["a carriage return by itself", ["HTTP/1.1 200 OK", "A: b\rC: d"]],
  ["DEL", ["HTTP/1.1 200 OK", "A: \x7f"]],
];

for (const [name, lines] of wrong) {
  test(`refused: ${name}`, (t) => {
    t.is(parse(...lines), undefined);
  });
}

test("a long run of blanks within a value costs no more than its length", (t) => {
  const value = `a${" ".repeat(60_000)}b`;
  const startedAt = process.cpuUsage();
  t.is(parse("HTTP/1.1 200 OK", `A: ${value} `)?.headers[0]?.[1], value);
  // Microseconds. A trimming regular expression takes 1,500,000.
  t.true(process.cpuUsage(startedAt).user < 500_000);
});

test("the end of the head", (t) => {
  t.is(findHeadEnd(Buffer.from("HTTP/1.1 101\r\n\r")), -1);
  t.is(findHeadEnd(Buffer.from("HTTP/1.1 101\r\n\r\nrest\r\n\r\n")), 16);
});
