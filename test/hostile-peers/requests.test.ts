import test from "ava";
import { ask, upgradeHead } from "../support/peers/http.ts";
import { shareStage } from "./stage.ts";

/** Clients whose request is none, or could be read in two ways: what they are told, and that no server hears of it. */

const stage = shareStage(test);
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A right request with this in front of its last line. */
const withLine = (line: string) => (path: string) =>
  upgradeHead(path).replace(/\r\n\r\n$/, `\r\n${line}\r\n\r\n`);
const changed = (changes: Readonly<Record<string, string>>) => (path: string) => upgradeHead(path, changes);

const requests: Readonly<Record<string, readonly [bytes: (path: string) => string, status: number]>> = {
  "a field that is folded": [withLine("X-Folded: a\r\n b"), 400],
  "a field name with a blank behind it": [withLine("X-Blank : a"), 400],
  "a field name with a blank in it": [withLine("X Blank: a"), 400],
  "a field without a colon": [withLine("nothing"), 400],
  "a NUL in a value": [withLine("X-Nul: a\0b"), 400],
  "a bare CR in a value": [withLine("X-Cr: a\rb"), 400],
  "a second Host": [withLine("Host: other"), 400],
  "no Host": [changed({ Host: "" }), 400],
  "a second key": [withLine(`Sec-WebSocket-Key: ${KEY}`), 400],
  "a key of 15 bytes": [changed({ "Sec-WebSocket-Key": Buffer.alloc(15).toString("base64") }), 400],
  "a key of 17 bytes": [changed({ "Sec-WebSocket-Key": Buffer.alloc(17).toString("base64") }), 400],
  "no key": [changed({ "Sec-WebSocket-Key": "" }), 400],
  "a second version": [withLine("Sec-WebSocket-Version: 13"), 426],
  "a version of the drafts": [changed({ "Sec-WebSocket-Version": "8" }), 426],
  "a version that is no number": [changed({ "Sec-WebSocket-Version": "13.0" }), 426],
  "no version": [changed({ "Sec-WebSocket-Version": "" }), 426],
  "an upgrade to two protocols": [changed({ Upgrade: "websocket, h2c" }), 426],
  "no Connection: Upgrade": [changed({ Connection: "keep-alive" }), 426],
  "a body by its length": [(path) => `${withLine("Content-Length: 5")(path)}12345`, 400],
  "a body in chunks": [(path) => `${withLine("Transfer-Encoding: chunked")(path)}0\r\n\r\n`, 400],
  "a body in chunks and by its length": [
    (path) => `${withLine("Content-Length: 5\r\nTransfer-Encoding: chunked")(path)}0\r\n\r\n`,
    400,
  ],
  "two lengths": [withLine("Content-Length: 0\r\nContent-Length: 5"), 400],
  "a length that is none": [withLine("Content-Length: +5"), 400],
  "a POST": [(path) => upgradeHead(path, {}, `POST ${path} HTTP/1.1`), 405],
  "a method in small letters": [(path) => upgradeHead(path, {}, `get ${path} HTTP/1.1`), 400],
  "HTTP/1.0": [(path) => upgradeHead(path, {}, `GET ${path} HTTP/1.0`), 400],
  "HTTP/2 by its preface": [() => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  "a request line with a blank too many": [(path) => upgradeHead(path, {}, `GET ${path} x HTTP/1.1`), 400],
  "a TLS handshake": [() => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  "frames without a request": [() => "\x81\x85\x00\x00\x00\x00hello", 400],
  "fields without end": [withLine(`${"X-Many: 1\r\n".repeat(2100)}X-Last: 1`), 431],
  "a field without end": [withLine(`X-Long: ${"x".repeat(20_000)}`), 431],
  "extensions that are no list": [changed({ "Sec-WebSocket-Extensions": "permessage-deflate;;" }), 400],
};

for (const [title, [bytes, status]] of Object.entries(requests)) {
  test(`${title}: ${status}, and no server hears of it`, async (t) => {
    for (const way of ["spliced", "policy"]) {
      const path = stage.path(way);
      const answer = await ask(t, stage.gateway.port, bytes(path));
      t.is(answer.status, status, way);
      t.false(stage.server.hasHeard(path), way);
      t.notRegex(answer.body, /node_modules|\.ts:|Error:/);
    }
  });
}
