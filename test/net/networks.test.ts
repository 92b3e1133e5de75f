import test from "ava";
import { canonicalNetwork, clientNetwork, openBits } from "../../core/net/networks.ts";

const spellings: readonly (readonly [written: string, canonical: string, open: number])[] = [
  ["10.1.2.3", "10.1.2.3/32", 0],
  ["10.1.2.3/8", "10.0.0.0/8", 24],
  ["10.255.255.255/9", "10.128.0.0/9", 23],
  ["255.255.255.255/0", "0.0.0.0/0", 32],
  ["::1", "0:0:0:0:0:0:0:1/128", 0],
  ["::/0", "0:0:0:0:0:0:0:0/0", 128],
  ["2001:DB8:FFFF::1/33", "2001:db8:8000:0:0:0:0:0/33", 95],
  ["fe80::1:2:3:4%eth0/64", "fe80:0:0:0:0:0:0:0/64", 64],
  ["1:2:3:4:5:6:7:8/127", "1:2:3:4:5:6:7:8/127", 1],
  ["::ffff:10.0.0.1/104", "0:0:0:0:0:ffff:a00:0/104", 24],
];

for (const [written, canonical, open] of spellings) {
  test(`${written} is ${canonical}`, (t) => {
    t.is(canonicalNetwork(written), canonical);
    t.is(openBits(written), open);
    t.is(canonicalNetwork(canonical), canonical);
  });
}

test("a client is an IPv4 address, in whatever clothes, or a network of IPv6", (t) => {
  t.is(clientNetwork("192.0.2.1", 64), "192.0.2.1");
  t.is(clientNetwork("::ffff:192.0.2.1", 64), "192.0.2.1");
  t.is(clientNetwork("2001:db8:1:2:3::4", 64), "2001:db8:1:2:0:0:0:0/64");
  t.is(clientNetwork("2001:db8:1:2:3::4", 48), "2001:db8:1:0:0:0:0:0/48");
  t.is(clientNetwork("", 64), "");
});
