import test from "ava";
import { readSessionFilter } from "../../core/admin/api/sessions/session-filter-input.ts";
import type { SessionFilterInput } from "../../core/admin/api/sessions/session-filter-schema.ts";
import { wordFilter } from "../../core/steering/filter-words.ts";
import {
  compileSessionFilter,
  type FilteredSession,
  isEmptyFilter,
  type SessionFilter,
} from "../../core/steering/session-filter.ts";

const session: FilteredSession = {
  id: "a-1",
  route: "/chat",
  client: "10.1.2.3:5000",
  subprotocol: "graphql-ws",
  attributes: { user: "anna", level: 3, tags: ["a"] },
  ageMs: 60_000,
  policies: [{ name: "guard", version: "3f2a99" }],
  upstream: { name: "orders", target: "ws://a/" },
};

const fitting: readonly SessionFilter[] = [
  {},
  { id: "a-1", route: "/chat", subprotocol: "graphql-ws" },
  { client: "10.1." },
  { client: "10.1" },
  { client: "10.1.2.3" },
  { client: "10.1.0.0/16" },
  { client: "10.1.2.3:5000" },
  { attributes: [{ name: "user" }] },
  {
    attributes: [
      { name: "user", value: "anna" },
      { name: "level", value: "3" },
      { name: "tags", value: '["a"]' },
    ],
  },
  { policy: { name: "guard" } },
  { policy: { name: "guard", version: "3f2a" } },
  { olderThanMs: 60_000, youngerThanMs: 60_001 },
  { upstream: { name: "orders" } },
  { upstream: { name: "orders", target: "ws://a/" } },
];

const others: readonly SessionFilter[] = [
  { id: "a-10" },
  { route: "/cha" },
  { subprotocol: "" },
  { client: "10.1.3." },
  { client: "1" },
  { client: "10.1.2.3:50" },
  { client: "10.2.0.0/16" },
  { client: "fd00::/8" },
  { attributes: [{ name: "toString" }] },
  { attributes: [{ name: "user", value: "ann" }] },
  {
    attributes: [
      { name: "user", value: "anna" },
      { name: "level", value: "4" },
    ],
  },
  { policy: { name: "guar" } },
  { policy: { name: "guard", version: "4" } },
  { olderThanMs: 60_001 },
  { youngerThanMs: 60_000 },
  { upstream: { name: "order" } },
  { upstream: { name: "orders", target: "ws://b/" } },
];

test("all that a filter says must hold", (t) => {
  for (const filter of fitting) {
    t.true(compileSessionFilter(filter)(session), JSON.stringify(filter));
    t.false(compileSessionFilter({ ...filter, id: "other" })(session), JSON.stringify(filter));
  }
  for (const filter of others) t.false(compileSessionFilter(filter)(session), JSON.stringify(filter));
});

test("an address of IPv6 is in its network; a policy without a version, and a server of none, are asked by name only", (t) => {
  const other = {
    ...session,
    client: "fd00::1:5000",
    policies: [{ name: "guard", version: undefined }],
    upstream: undefined,
  };
  t.true(compileSessionFilter({ client: "fd00::/8", policy: { name: "guard" } })(other));
  for (const client of ["FD00:0::1", "fd00::1:5000", "fd00"])
    t.true(compileSessionFilter({ client })(other), client);
  for (const client of ["fd00::", "fd0"]) t.false(compileSessionFilter({ client })(other), client);
  t.false(compileSessionFilter({ policy: { name: "guard", version: "" } })(other));
  t.false(compileSessionFilter({ upstream: { name: "orders" } })(other));
});

test("a whole address is that address alone", (t) => {
  const fits = (client: string, address: string) =>
    compileSessionFilter({ client })({ ...session, client: address });
  t.true(fits("10.0.0.1", "10.0.0.1:5"));
  t.false(fits("10.0.0.1", "10.0.0.10:5"));
  t.false(fits("10.1", "10.10.0.1:5"));
  t.true(fits("fd00::1", "fd00::1:443"));
  t.false(fits("fd00::1", "fd00::12:443"));
  t.false(fits("fd00::1", "fd00::1:2:443"));
});

test("what is empty, or fits whoever is there, is refused by its name, and is not all of them", (t) => {
  const rules = {
    redactAttributes: (attributes: Record<string, unknown>) => attributes,
    redactText: (text: string) => text,
  };
  const names = ["route", "client", "attribute", "policy", "subprotocol", "older", "younger"] as const;
  const inputs: readonly SessionFilterInput[] = [
    ...names.map((name) => ({ [name]: "" })),
    { attribute: ["user", ""] },
    { attribute: ":anna" },
    { policy: "guard@" },
    { older: "0s" },
    { younger: "0ms" },
    { client: "10.0.0.0/33" },
    { client: "10.0.0.0/" },
    { client: "0/0" },
    { upstream: "" },
    { upstream: "orders", target: "" },
  ];
  for (const input of inputs) {
    const [name = ""] = Object.keys(input).slice(-1);
    const message = new RegExp(`^expected ${name} to be .*, got "`);
    t.throws(() => readSessionFilter(input, rules), { code: "ERR_REQUEST", message }, JSON.stringify(input));
  }
  for (const attribute of ["user=a:b=c", "user:a:b=c"])
    t.deepEqual(readSessionFilter({ attribute }, rules).attributes, [{ name: "user", value: "a:b=c" }]);
  t.deepEqual(readSessionFilter({ client: "10.0.0.0/8", policy: "@a/guard@3f", older: "5m" }, rules), {
    client: "10.0.0.0/8",
    policy: { name: "@a/guard", version: "3f" },
    olderThanMs: 300_000,
  });
});

test("a filter that says nothing is told from one that does", (t) => {
  t.true(isEmptyFilter({ attributes: [] }));
  for (const filter of [...fitting.slice(1), ...others]) t.false(isEmptyFilter(filter));
});

test("a filter is told in words near to those of the command line", (t) => {
  t.is(wordFilter({}), "all");
  const attributes = [{ name: "user", value: "anna" }, { name: "plan" }];
  t.is(
    wordFilter({ id: "a-1", route: "/chat", client: "10.1", attributes, olderThanMs: 90_000 }),
    "session=a-1 route=/chat client=10.1 user=anna has plan older=90s",
  );
  t.is(
    wordFilter({
      policy: { name: "guard", version: "3f2a" },
      upstream: { name: "orders", target: "ws://a" },
      youngerThanMs: 500,
    }),
    "policy=guard@3f2a younger=0.5s upstream=orders target=ws://a",
  );
  t.is(wordFilter({ policy: { name: "guard" }, subprotocol: "mqtt" }), "policy=guard subprotocol=mqtt");
});
