import test from "ava";
import { RateLeases } from "../../core/leases/rate-leases.ts";
import { type Admitted, admitPlain, admitUpgrade, type Gate } from "../../core/request/admit.ts";
import type { Refused } from "../../core/request/refusal.ts";
import { RateBook } from "../../sandbox/index.ts";
import { requestOf, routedOf, runtimeOf } from "./exchanges.ts";

const origin = (value: string) => ({ Origin: value });
const offer = (value: string) => ({ "Sec-WebSocket-Protocol": value });

function newLeases(): RateLeases {
  const book = new RateBook();
  return new RateLeases(async (claims) => claims.map((claim) => book.lease(claim)));
}

const gate: Gate = { isStopping: false, leases: newLeases() };

function codeOf(answer: Admitted | Refused | undefined): string | undefined {
  return answer !== undefined && "refusal" in answer ? answer.refusal.code : undefined;
}

test("nobody comes in while the gateway stops", async (t) => {
  t.is(codeOf(await admitUpgrade(routedOf({}), { ...gate, isStopping: true })), "ERR_STOPPING");
  t.is(codeOf(admitPlain(routedOf({}), true)), "ERR_STOPPING");
});

for (const [what, route, headers, code] of [
  ["a page of the same host where the route says nothing", {}, origin("https://gate"), undefined],
  ["a page of another host where the route says nothing", {}, origin("https://b.test"), "ERR_ORIGIN"],
  ["an origin of the route's", { origins: ["https://a.test"] }, origin("https://a.test"), undefined],
  ["another origin", { origins: ["https://a.test"] }, origin("https://b.test"), "ERR_ORIGIN"],
  ["no subprotocol", { subprotocols: { required: true } }, {}, "ERR_SUBPROTOCOL"],
  ["none that is allowed", { subprotocols: { allow: ["a"], required: true } }, offer("b"), "ERR_SUBPROTOCOL"],
  ["no list of subprotocols", { subprotocols: { allow: ["a"] } }, offer("a b"), "ERR_BAD_HANDSHAKE"],
] as const) {
  test(`${code ?? "let in"}: ${what}`, async (t) => {
    t.is(codeOf(await admitUpgrade(routedOf(route, requestOf("/", headers)), gate)), code);
  });
}

test("of plain HTTP pages that `cors` names may ask, unless the route has origins of its own", async (t) => {
  const asks = async (route: object) => {
    const routed = routedOf(
      { cors: { origins: ["https://a.test"] }, ...route },
      requestOf("/", origin("https://a.test")),
    );
    return [codeOf(admitPlain(routed, false)), codeOf(await admitUpgrade(routed, gate))];
  };
  t.deepEqual(await asks({}), [undefined, "ERR_ORIGIN"]);
  t.deepEqual(await asks({ origins: ["https://b.test"] }), ["ERR_ORIGIN", "ERR_ORIGIN"]);
});

test("of plain HTTP only the origin is looked at", async (t) => {
  const route = { origins: ["https://a.test"], subprotocols: { required: true }, connections: { route: 1 } };
  const runtime = runtimeOf(route);
  for (let i = 0; i < 3; i++) {
    t.is(admitPlain(routedOf(runtime, requestOf("/", origin("https://a.test"))), false), undefined);
  }
  t.is(codeOf(admitPlain(routedOf(runtime, requestOf("/", origin("https://b.test"))), false)), "ERR_ORIGIN");
});

test("what the server hears of the client's subprotocols", async (t) => {
  const subprotocolsFor = async (route: object) => {
    const admitted = await admitUpgrade(routedOf(route, requestOf("/", offer("a, b, c"))), gate);
    return "refusal" in admitted ? undefined : admitted.subprotocols;
  };
  t.is(await subprotocolsFor({}), undefined);
  t.deepEqual(await subprotocolsFor({ subprotocols: { allow: ["a", "c"], prefer: ["c"] } }), ["c", "a"]);
});

test("a connection counts until it leaves; the next one is told when to come back", async (t) => {
  const runtime = runtimeOf({ connections: { route: 1, retryAfter: "7s" } });
  const first = await admitUpgrade(routedOf(runtime), gate);
  const second = await admitUpgrade(routedOf(runtime), gate);
  t.like(second, {
    refusal: {
      code: "ERR_TOO_MANY_CONNECTIONS",
      headers: [
        ["Retry-After", "7"],
        ["RateLimit-Policy", '"connections";q=1;qu="concurrent-requests"'],
        ["RateLimit", '"connections";r=0;t=7'],
      ],
    },
  });
  if ("refusal" in first) return t.fail(first.refusal.detail);
  first.leave();
  t.is(codeOf(await admitUpgrade(routedOf(runtime), gate)), undefined);
});

for (const [key, url] of [
  ["header:x-user", "/"],
  ["query:user", "/?user=ada"],
  ["param:user", "/ada"],
] as const) {
  test(`connections count by ${key}`, async (t) => {
    const runtime = runtimeOf({ path: "/:user", connections: { perKey: 1, key } });
    const root = runtimeOf({ connections: { perKey: 1, key } });
    const enter = async (from: string, user: string) => {
      const route = key === "param:user" ? runtime : root;
      return codeOf(await admitUpgrade(routedOf(route, requestOf(from, { "X-User": user })), gate));
    };
    t.deepEqual([await enter(url, "ada"), await enter(url, "ada")], [undefined, "ERR_TOO_MANY_CONNECTIONS"]);
    t.is(await enter(url.replace("ada", "bob"), "bob"), undefined);
  });
}

test("by an attribute they count once the policies have said it", async (t) => {
  const runtime = runtimeOf({ connections: { perKey: 1, key: "attribute:user" } });
  const [first, second, third] = await Promise.all(
    [1, 2, 3].map(() => admitUpgrade(routedOf(runtime), gate)),
  );
  const count = async (
    admitted: Admitted | Refused | undefined,
    attributes: Readonly<Record<string, unknown>>,
  ) =>
    admitted === undefined || "refusal" in admitted
      ? "refused before"
      : codeOf(await admitted.countAttributes(attributes));
  t.is(await count(first, { user: { name: "ada" } }), undefined);
  t.is(await count(second, { user: { name: "ada" } }), "ERR_TOO_MANY_CONNECTIONS");
  t.is(await count(third, {}), undefined);
});

for (const [key, from, others] of [
  ["header:X-User", requestOf("/ada", { "X-User": "ada" }), requestOf("/ada", { "X-User": "bob" })],
  ["query:user", requestOf("/ada?user=ada"), requestOf("/ada?user=bob")],
  ["param:user", requestOf("/ada"), requestOf("/bob")],
] as const) {
  test(`upgrades are counted by ${key}, on each route by itself`, async (t) => {
    const leases = newLeases();
    const route = { path: "/:user", upgradeRate: { upgrades: 2, per: "1m", key } } as const;
    const codes = (...requests: (typeof from)[]) =>
      Promise.all(
        requests.map(async (request) =>
          codeOf(await admitUpgrade(routedOf(route, request), { ...gate, leases })),
        ),
      );
    t.deepEqual(await codes(from, from, from), [undefined, undefined, "ERR_TOO_MANY_UPGRADES"]);
    t.deepEqual(await codes(others), [undefined]);
    const other = routedOf({ ...route, name: "other" }, from);
    t.is(codeOf(await admitUpgrade(other, { ...gate, leases })), undefined);
  });
}

test("upgrades without the header count by their address; who is refused is told when to come again, and holds no place", async (t) => {
  const runtime = runtimeOf({
    upgradeRate: { upgrades: 2, per: "1m", burst: 1, key: "header:x-user" },
    connections: { route: 2 },
  });
  const leases = newLeases();
  t.is(codeOf(await admitUpgrade(routedOf(runtime), { ...gate, leases })), undefined);
  t.like(await admitUpgrade(routedOf(runtime), { ...gate, leases }), {
    refusal: {
      code: "ERR_TOO_MANY_UPGRADES",
      headers: [
        ["Retry-After", "30"],
        ["RateLimit-Policy", '"upgrades";q=1;w=30'],
        ["RateLimit", '"upgrades";r=0;t=30'],
      ],
    },
  });
  const named = requestOf("/", { "X-User": "ada" });
  t.is(codeOf(await admitUpgrade(routedOf(runtime, named), { ...gate, leases })), undefined);
});

test("by an attribute upgrades count once the policies have said it", async (t) => {
  const runtime = runtimeOf({ upgradeRate: { upgrades: 1, per: "1m", key: "attribute:user" } });
  const leases = newLeases();
  const enter = async (user: unknown) => {
    const admitted = await admitUpgrade(routedOf(runtime), { ...gate, leases });
    return "refusal" in admitted ? "refused before" : codeOf(await admitted.countAttributes({ user }));
  };
  t.deepEqual(await Promise.all(["ada", "ada", "bob", null, null].map(enter)), [
    undefined,
    "ERR_TOO_MANY_UPGRADES",
    undefined,
    undefined,
    "ERR_TOO_MANY_UPGRADES",
  ]);
});
