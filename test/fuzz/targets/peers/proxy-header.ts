import assert from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import { readProxyHeader } from "../../../../core/listen/proxy-header.ts";
import { nearly, wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

/** The longest header of version 2: what its length can say. */
const MOST = 16 + 0xffff;
const SIGNATURE = "0d0a0d0a000d0a515549540a";
const RIGHT = [
  "PROXY TCP4 192.0.2.1 198.51.100.1 5000 443\r\nGET /",
  "PROXY TCP6 2001:db8::1 ::1 5000 443\r\n",
  "PROXY UNKNOWN ffff::1 ::1 1 2\r\n",
].map((line) => Buffer.from(line));
const RIGHT_2 = [
  `${SIGNATURE}2111000cc0000201c633640113880 1bb`,
  `${SIGNATURE}21210024${"20010db8".padEnd(31, "0")}1${"0".repeat(31)}1138801bb`,
  `${SIGNATURE}200000030000004745`,
  `${SIGNATURE}213100d8${"00".repeat(216)}`,
].map((hex) => Buffer.from(hex.replaceAll(" ", ""), "hex"));

const words = wordsOf(
  ...[
    "PROXY",
    " ",
    " ",
    "TCP4",
    "TCP6",
    "UNKNOWN",
    "1.2.3.4",
    "::1",
    "fe80::1%lo",
    "0",
    "80",
    "65536",
    "\r\n",
    "\r",
  ],
).map((text) => Buffer.from(`PROXY TCP4 ${text}`, "latin1"));

/** The PROXY header: told the same however much of it has come, and its client is an address and a port. */
export const proxyHeader = defineTarget<Uint8Array>({
  name: "proxy-header",
  inputs: fc.oneof(nearly(fc.constantFrom(...RIGHT, ...RIGHT_2), 2), words, fc.uint8Array({ maxLength: 40 })),
  seeds: [...RIGHT, ...RIGHT_2],
  runs: 500,
  check(input) {
    const bytes = Buffer.from(input);
    const read = readProxyHeader(bytes);
    if (read.state !== "incomplete") {
      // Whoever has more of it is told nothing else, and whoever has less waits or is told this.
      assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from("x")])), read);
    }
    for (let end = 0; end < Math.min(bytes.length, 60); end++) {
      const early = readProxyHeader(bytes.subarray(0, end));
      if (early.state !== "incomplete") assert.deepEqual(early, read, `after ${end} bytes`);
    }
    if (read.state === "incomplete") assert.ok(bytes.length < MOST);
    if (read.state !== "complete") return read.state;
    assert.ok(read.length <= bytes.length);
    if (read.client === undefined) return "complete, of no client";
    assert.equal(`IPv${isIP(read.client.address)}`, read.client.family);
    assert.ok(read.client.port >= 0 && read.client.port <= 65_535);
    return `complete, ${read.client.family}`;
  },
});
