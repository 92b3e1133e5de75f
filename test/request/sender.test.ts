import type { IncomingHttpHeaders } from "node:http";
import { Socket } from "node:net";
import test from "ava";
import { readNetworks } from "../../core/net/networks.ts";
import { forwardedFields, readSender } from "../../core/request/sender.ts";

/** Who sent a request with these headers that came from `peer`. */
function read(peer: string, headers: IncomingHttpHeaders, trusted?: readonly string[]) {
  const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: peer });
  Object.defineProperty(socket, "remotePort", { value: 5000 });
  return readSender({ headers: { host: "gate", ...headers } }, socket, trusted && readNetworks(trusted));
}

const proxies = ["10.0.0.0/8", "fd00::/8"];

const chains: readonly (readonly [peer: string, header: string, address: string])[] = [
  ["10.0.0.1", "203.0.113.7", "203.0.113.7"],
  ["10.0.0.1", "203.0.113.7:4711", "203.0.113.7"],
  ["10.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"],
  ["10.0.0.1", "203.0.113.7, 10.2.3.4", "203.0.113.7"],
  ["10.0.0.1", "10.9.9.9, 10.2.3.4", "10.9.9.9"],
  ["10.0.0.1", "203.0.113.7, unknown, 10.2.3.4", "10.2.3.4"],
  ["10.0.0.1", "", "10.0.0.1"],
  ["::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"],
  ["fd00::1", "[2001:db8::7]:80", "2001:db8::7"],
  ["fd00::1", "2001:db8::7", "2001:db8::7"],
  ["203.0.113.9", "6.6.6.6", "203.0.113.9"],
];

for (const [peer, header, address] of chains) {
  test(`${peer} says "${header}": the client is ${address}`, (t) => {
    t.is(read(peer, { "x-forwarded-for": header }, proxies).address, address);
  });
}

test("Forwarded is read where there is no X-Forwarded-For", (t) => {
  const sender = read(
    "10.0.0.1",
    { forwarded: 'for=6.6.6.6, for="[2001:db8::7]:80";host="a.example:8443";proto=https' },
    proxies,
  );
  t.like(sender, { address: "2001:db8::7", port: 0, tls: true, host: "a.example:8443" });
});

test("scheme and host are believed of a trusted proxy only", (t) => {
  const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "a.example" };
  t.like(read("10.0.0.1", headers, proxies), { tls: true, host: "a.example", told: { proto: "https" } });
  t.like(read("10.0.0.1", { "x-forwarded-proto": "gopher" }, proxies), { tls: false, host: "gate" });
  t.like(read("8.8.8.8", headers, proxies), { tls: false, host: "gate", port: 5000 });
  t.like(read("10.0.0.1", headers), { tls: false, host: "gate" });
});

test("what the server is told: the chain of a trusted proxy, or the peer alone", (t) => {
  const headers = { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" };
  const both = ["x-forwarded", "forwarded"] as const;
  t.deepEqual(forwardedFields(read("10.0.0.1", headers, proxies), both, "ws"), [
    ["X-Forwarded-For", "203.0.113.7, 10.0.0.1"],
    ["X-Forwarded-Proto", "ws"],
    ["X-Forwarded-Host", "gate"],
    ["Forwarded", "for=203.0.113.7, for=10.0.0.1;host=gate;proto=ws"],
  ]);
  t.deepEqual(forwardedFields(read("fe80::1", headers, proxies), ["forwarded"], "http"), [
    ["Forwarded", 'for="[fe80::1]";host=gate;proto=http'],
  ]);
  t.deepEqual(forwardedFields(read("8.8.8.8", headers, []), [], "ws"), []);
});
