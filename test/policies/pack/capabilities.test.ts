import test from "ava";
import { describeCapabilities, missingCapabilities, ofPolicy } from "../../../policies/pack/capabilities.ts";

const fetchOne = { fetch: { hosts: ["api.example.com:443"], methods: ["GET"] } };

test("what a policy asks for, in lines", (t) => {
  t.deepEqual(describeCapabilities({ ...fetchOne, kv: true, secrets: ["TOKEN"] }), [
    "fetch api.example.com:443 (GET)",
    "kv: a store of its own",
    "secret TOKEN",
  ]);
  t.deepEqual(describeCapabilities({ fetch: { hosts: ["a:1"], private: true }, kv: { namespace: "bank" } }), [
    "fetch a:1 (GET)",
    "fetch, private: true",
    "kv: a store of its own",
  ]);
  t.deepEqual(describeCapabilities({ kv: false }), []);
});

const creeps: Readonly<Record<string, readonly [object, object, readonly string[]]>> = {
  "another host": [
    fetchOne,
    { fetch: { hosts: ["api.example.com:443", "evil.example:443"], methods: ["GET"] } },
    ["fetch evil.example:443 (GET)"],
  ],
  "another method": [
    fetchOne,
    { fetch: { hosts: ["api.example.com:443"], methods: ["POST"] } },
    ["fetch api.example.com:443 (POST)"],
  ],
  "no method by name, which is GET": [fetchOne, { fetch: { hosts: ["api.example.com:443"] } }, []],
  "a store, in other words": [{}, { kv: {} }, ["kv: a store of its own"]],
  "all hosts": [fetchOne, { fetch: {} }, ["fetch any host (GET)"]],
  "private addresses": [fetchOne, { fetch: { ...fetchOne.fetch, private: true } }, ["fetch, private: true"]],
  "a larger answer": [
    { fetch: { maxResponseSize: "1KiB" } },
    { fetch: { maxResponseSize: "1GiB" } },
    ["fetch, maxResponseSize: 1GiB"],
  ],
  "a store": [fetchOne, { ...fetchOne, kv: true }, ["kv: a store of its own"]],
  "a store, in words that seem to say no": [{}, { kv: { namespace: false } }, ["kv: a store of its own"]],
  "another's store, which is its own all the same": [{ kv: true }, { kv: { namespace: "bank" } }, []],
  "rates, in other words": [{ rates: true }, { rates: { namespace: "bank" } }, []],
  rates: [{ kv: true }, { kv: true, rates: true }, ["rates: counts of its own"]],
  "another secret": [{ secrets: ["A"] }, { secrets: ["A", "B"] }, ["secret B"]],
  "what nobody knows": [{}, { shell: { as: "root" } }, ['shell: {"as":"root"}']],
  "nothing more": [{ ...fetchOne, kv: true }, fetchOne, []],
};

for (const [name, [granted, asked, missing]] of Object.entries(creeps)) {
  test(`asks for ${name}`, (t) => {
    t.deepEqual(missingCapabilities(granted as never, asked as never), [...missing]);
  });
}

test("a policy may be called as what every object has", (t) => {
  t.is(ofPolicy({}, "constructor"), undefined);
});

test("what a pack asks for is told in plain characters, one line each", (t) => {
  const lines = describeCapabilities({
    fetch: { hosts: ["*.example.com:443", "\u001b[1A\u001b[2K", "\u009b2K", "\u202e"], methods: ["get\n"] },
    "kv\r": true,
    secrets: ["A\u001b[8m"],
  });
  t.is(lines.length, 6);
  for (const line of lines) t.regex(line, /^[\x20-\x7e]+$/);
  t.is(describeCapabilities({ fetch: { hosts: ["*.example.com:443"] } })[0], "fetch *.example.com:443 (GET)");
});
