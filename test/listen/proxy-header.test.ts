import test from "ava";
import fc from "fast-check";
import { readProxyHeader } from "../../core/listen/proxy-header.ts";

const signature = "0d0a0d0a000d0a515549540a";

/** A header of version 2: version and command, family and protocol, addresses. */
function version2(command: number, family: number, addresses: Uint8Array): Buffer {
  const head = Buffer.from([...Buffer.from(signature, "hex"), command, family, 0, 0]);
  head.writeUInt16BE(addresses.length, 14);
  return Buffer.concat([head, addresses]);
}

const ipv4 = Buffer.from("cb007107c0000201c35001bb", "hex");
const ipv6 = Buffer.concat([
  Buffer.from("20010db8000000000000000000000001", "hex"),
  Buffer.from("20010db8000000000000000000000002", "hex"),
  Buffer.from("c35001bb", "hex"),
]);
const tlv = Buffer.from("040003000000", "hex");
const client4 = { address: "203.0.113.7", port: 50_000, family: "IPv4" };
const client6 = { address: "2001:db8::1", port: 50_000, family: "IPv6" };

const good: readonly (readonly [string, Buffer, object | undefined])[] = [
  ["TCP4", Buffer.from("PROXY TCP4 203.0.113.7 192.0.2.1 50000 443\r\n"), client4],
  ["TCP6", Buffer.from("PROXY TCP6 2001:db8::1 2001:db8::2 50000 443\r\n"), client6],
  ["UNKNOWN", Buffer.from("PROXY UNKNOWN\r\n"), undefined],
  ["UNKNOWN with a rest", Buffer.from("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), undefined],
  ["version 2, IPv4", version2(0x21, 0x11, ipv4), client4],
  ["version 2, IPv4 and more", version2(0x21, 0x11, Buffer.concat([ipv4, tlv])), client4],
  ["version 2, IPv6", version2(0x21, 0x21, ipv6), client6],
  ["version 2, UNIX", version2(0x21, 0x31, Buffer.alloc(216)), undefined],
  ["version 2, unspecified", version2(0x21, 0x00, Buffer.alloc(0)), undefined],
  ["version 2, LOCAL", version2(0x20, 0x00, Buffer.alloc(0)), undefined],
  ["version 2, LOCAL with addresses", version2(0x20, 0x11, ipv4), undefined],
];

for (const [what, bytes, client] of good) {
  test(`${what}: complete with its last byte, whatever follows`, (t) => {
    const complete = { state: "complete", length: bytes.length, ...(client && { client }) };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        t.deepEqual(readProxyHeader(Buffer.concat([bytes, rest])), complete as never);
      }),
      { numRuns: 20 },
    );
    for (let cut = 0; cut < bytes.length; cut++) {
      t.is(readProxyHeader(bytes.subarray(0, cut)).state, "incomplete", `cut at ${cut}`);
    }
  });
}

const bad: readonly (readonly [string, Buffer])[] = [
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n")],
  ["TLS", Buffer.from("160301", "hex")],
  ["an unknown protocol", Buffer.from("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n")],
  ["an address of the other family", Buffer.from("PROXY TCP4 ::1 ::1 1 2\r\n")],
  ["no address", Buffer.from("PROXY TCP4 client 1.2.3.4 1 2\r\n")],
  ["a port that is too large", Buffer.from("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n")],
  ["a port with a sign", Buffer.from("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n")],
  ["a word too many", Buffer.from("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n")],
  ["two blanks", Buffer.from("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n")],
  ["a line without end", Buffer.from(`PROXY UNKNOWN ${"x".repeat(100)}`)],
  ["version 3", version2(0x31, 0x11, ipv4)],
  ["an unknown command", version2(0x22, 0x11, ipv4)],
  ["an unknown family", version2(0x21, 0x41, ipv4)],
  ["addresses cut short", version2(0x21, 0x21, ipv4)],
];

for (const [what, bytes] of bad) {
  test(`malformed: ${what}`, (t) => {
    t.is(readProxyHeader(bytes).state, "malformed");
  });
}

test("once it is malformed it stays so, and it is never incomplete for ever", (t) => {
  const start = fc.constantFrom(Buffer.alloc(0), Buffer.from("PROXY "), Buffer.from(signature, "hex"));
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), fc.nat(), (head, tail, at) => {
      const bytes = Buffer.concat([head, tail]);
      const cut = readProxyHeader(bytes.subarray(0, at % (bytes.length + 1)));
      const whole = readProxyHeader(bytes);
      if (cut.state !== "incomplete") t.deepEqual(whole, cut);
    }),
  );
  const most = Buffer.alloc(16 + 65_535, "PROXY ");
  t.is(readProxyHeader(most).state, "malformed");
});
