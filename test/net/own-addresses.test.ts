import test from "ava";
import { blocksHost, createOwnAddresses } from "../../core/net/own-addresses.ts";

const machine = () => ["192.0.2.7", "2001:db8::7"];
const reaches = (bound: string, host: string) => {
  const list = createOwnAddresses([{ host: bound, port: 9 }], machine).at(9);
  return list !== undefined && blocksHost(list, host);
};

test("a listener on one address is reached by it, however it is spelt, and by no other", (t) => {
  for (const host of [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
  ]) {
    t.true(reaches("127.0.0.1", host), host);
  }
  for (const host of ["127.0.0.2", "[::1]", "192.0.2.7", "elsewhere.example"]) {
    t.false(reaches("127.0.0.1", host), host);
  }
  for (const host of ["[::1]", "[::]", "localhost"]) t.true(reaches("::1", host), host);
  t.true(reaches("192.0.2.7", "192.0.2.7"));
  t.false(reaches("192.0.2.7", "127.0.0.1"));
});

test("a listener on all addresses is reached by each that the machine has, and by all of loopback", (t) => {
  for (const host of ["127.0.0.1", "127.9.9.9", "0.0.0.0", "192.0.2.7", "[::ffff:192.0.2.7]"]) {
    for (const bound of ["0.0.0.0", "::", "named.example"]) t.true(reaches(bound, host), `${bound} ${host}`);
  }
  for (const host of ["[::1]", "[2001:db8::7]"]) {
    t.true(reaches("::", host), host);
    t.false(reaches("0.0.0.0", host), host);
  }
  t.false(reaches("0.0.0.0", "192.0.2.8"));
});

test("only the ports that are listened on are looked at, and sockets not at all", (t) => {
  const own = createOwnAddresses(
    [
      { host: "127.0.0.1", port: 9 },
      { host: "", port: 0, socket: "/run/x" },
    ],
    machine,
  );
  t.is(own.at(10), undefined);
  t.is(own.at(0), undefined);
});
