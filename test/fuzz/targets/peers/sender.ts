import assert from "node:assert/strict";
import { isIP, Socket } from "node:net";
import fc from "fast-check";
import { readNetworks } from "../../../../core/net/networks.ts";
import { forwardedFields, readSender } from "../../../../core/request/sender.ts";
import { wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const trusted = readNetworks(["10.0.0.0/8", "fd00::/8"]);
const ADDRESSES = ["10.1.2.3", "192.0.2.7", "::ffff:10.0.0.1", "fd00::1", "2001:db8::1", "127.0.0.1"];

/** What a header field can hold when it comes out of the parser. */
const value = wordsOf(
  ...ADDRESSES,
  ...[
    "for=",
    "host=",
    "proto=",
    "https",
    "ws",
    ", ",
    ";",
    '"',
    "[",
    "]",
    ":80",
    "unknown",
    "_hidden",
    " ",
    "=",
    "\\",
  ],
).map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ""));

const chains = fc.array(fc.constantFrom(...ADDRESSES, "unknown", "192.0.2.7:80", "[fd00::2]:80"), {
  maxLength: 5,
});
const forwarded = chains.map((chain) => chain.map((hop) => `for="${hop}";proto=https`).join(", "));

interface Input {
  readonly peer: string;
  readonly isBehindProxy: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

function socketOf(peer: string): Socket {
  const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: peer });
  return Object.defineProperty(socket, "remotePort", { value: 5000 });
}

/** Who is behind a proxy: an address always, the peer's own where the peer is not trusted. */
export const sender = defineTarget<Input>({
  name: "sender",
  inputs: fc.record({
    peer: fc.constantFrom(...ADDRESSES),
    isBehindProxy: fc.boolean(),
    headers: fc.record({
      host: value,
      "x-forwarded-for": fc.oneof(
        value,
        chains.map((chain) => chain.join(", ")),
        fc.constant(""),
      ),
      "x-forwarded-proto": value,
      "x-forwarded-host": value,
      forwarded: fc.oneof(value, forwarded),
    }),
  }),
  runs: 600,
  check({ peer, isBehindProxy, headers }) {
    const found = readSender({ headers }, socketOf(peer), isBehindProxy ? trusted : undefined);
    assert.notEqual(isIP(found.address), 0, found.address);
    const fields = forwardedFields(found, ["x-forwarded", "forwarded"], "ws");
    const asked = Object.values(headers).reduce((sum, text) => sum + text.length, 0);
    for (const [name, text] of fields) {
      assert.doesNotMatch(text, /[\r\n\0]/, name);
      // Passed on, and its host once more, where each character may have to be quoted.
      assert.ok(text.length <= 3 * asked + 200, `${name} of ${text.length} characters`);
    }
    if (!isBehindProxy) assert.equal(found.address, peer);
    if (found.address === peer) return "the peer";
    const family = isIP(peer) === 6 ? "ipv6" : "ipv4";
    assert.ok(trusted.check(peer, family), `${peer} is believed`);
    return "whom the proxy names";
  },
});
