import test from "ava";
import { compareGrants, describeGrant, describePackGrants } from "../../cli/packs/grant-lines.ts";

const pack = "@acme/guard";

test("what is told is what is granted, in whatever words it was asked for", (t) => {
  for (const kv of [true, {}, { namespace: false }, { namespace: "bank" }]) {
    t.deepEqual(describeGrant(pack, { kv }), ["kv: a store of its own"], JSON.stringify(kv));
  }
  t.deepEqual(describeGrant(pack, { kv: false }), []);
  t.deepEqual(describeGrant(pack, { rates: true }), ["rates: counts of its own"]);
  t.deepEqual(
    describeGrant(pack, { fetch: { hosts: ["a:1", "*.b"], methods: ["GET", "POST"] }, secrets: ["TOKEN"] }),
    ["fetch a:1 (GET)", "fetch a:1 (POST)", "fetch *.b (GET)", "fetch *.b (POST)", "secret TOKEN"],
  );
});

test("limits are told where they are not the usual ones", (t) => {
  const usual = { hosts: ["a"], methods: ["GET"], timeout: "2s", private: false };
  t.deepEqual(describeGrant(pack, { fetch: usual }), ["fetch a (GET)"]);
  t.deepEqual(describeGrant(pack, { fetch: { hosts: ["a"], private: true, maxResponseSize: "2MiB" } }), [
    "fetch a (GET)",
    "fetch, private addresses too",
    "fetch, maxResponseBytes: 2097152",
  ]);
});

test("what the schema of grants does not take is told as what cannot be granted, in plain characters", (t) => {
  for (const asked of [
    { shell: true },
    { fetch: {} },
    { fetch: { hosts: ["a"], methods: ["get"] } },
    { kv: true, x: "\u001b[2K" },
  ]) {
    const [line = "", ...others] = describeGrant(pack, asked);
    t.regex(line, /^what this gateway cannot grant: [\x20-\x7e]+$/);
    t.deepEqual(others, []);
  }
});

test("each policy of a pack has lines of its own, whatever its name", (t) => {
  const asked = JSON.parse('{ "a": { "kv": true }, "constructor": { "secrets": ["S"] } }') as Record<
    string,
    object
  >;
  t.deepEqual(describePackGrants(pack, asked as never), [
    "a: kv: a store of its own",
    "constructor: secret S",
  ]);
});

test("a limit of fetch that is lifted or raised is more than before, one that is lowered less", (t) => {
  const fetch = (limits: object) => ({ guard: { fetch: { hosts: ["a"], ...limits } } });
  const small = fetch({ maxResponseSize: "1KiB", timeout: "1s" });
  t.deepEqual(compareGrants(pack, small, fetch({})), {
    more: [
      "guard: fetch, maxResponseBytes: 1048576 (before 1024)",
      "guard: fetch, timeoutMs: 2000 (before 1000)",
    ],
    less: [],
  });
  t.deepEqual(compareGrants(pack, fetch({}), small), {
    more: [],
    less: ["guard: fetch, maxResponseBytes: 1048576 (now 1024)", "guard: fetch, timeoutMs: 2000 (now 1000)"],
  });
  t.deepEqual(compareGrants(pack, {}, small).more, [
    "guard: fetch a (GET)",
    "guard: fetch, maxResponseBytes: 1024",
    "guard: fetch, timeoutMs: 1000",
  ]);
  t.deepEqual(compareGrants(pack, fetch({ private: true }), fetch({ maxRequestSize: "1MiB" })), {
    more: ["guard: fetch, maxRequestBytes: 1048576 (before 65536)"],
    less: ["guard: fetch, private addresses too"],
  });
  t.deepEqual(compareGrants(pack, small, small), { more: [], less: [] });
});
