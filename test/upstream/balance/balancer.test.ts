import test from "ava";
import fc from "fast-check";
import { createBalancer, type ServerStanding } from "../../../core/upstream/balance/balancer.ts";

function candidate(key: string, values: Partial<ServerStanding> = {}): ServerStanding {
  return { key, weight: 1, share: 1, active: 0, latencyMs: undefined, ...values };
}

test("round robin is smooth: 5:1:1 gives a a b a c a a, and the same again", (t) => {
  const balancer = createBalancer("round-robin");
  const servers = [candidate("a", { weight: 5 }), candidate("b"), candidate("c")];
  const picked = Array.from({ length: 14 }, () => balancer.pick(servers)?.key).join("");
  t.is(picked, "aabacaaaabacaa");
});

test("round robin gives exactly its weight to each, whatever the weights", (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }), (weights) => {
      const balancer = createBalancer("round-robin");
      const servers = weights.map((weight, index) => candidate(String(index), { weight }));
      const counts = weights.map(() => 0);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let turn = 0; turn < total; turn++) {
        const index = Number(balancer.pick(servers)?.key);
        counts[index] = (counts[index] ?? 0) + 1;
      }
      t.deepEqual(counts, weights);
    }),
  );
});

test("a server that comes back gets its share of its weight", (t) => {
  const balancer = createBalancer("round-robin");
  const servers = [candidate("a"), candidate("b", { share: 0.25 })];
  const picked = Array.from({ length: 10 }, () => balancer.pick(servers)?.key);
  t.is(picked.filter((key) => key === "b").length, 2);
});

test("least connections counts for weight, and takes turns where it is equal", (t) => {
  const balancer = createBalancer("least-connections");
  t.is(balancer.pick([candidate("a", { active: 3 }), candidate("b", { active: 2 })])?.key, "b");
  t.is(balancer.pick([candidate("a", { active: 3, weight: 2 }), candidate("b", { active: 2 })])?.key, "a");
  const equal = [candidate("a"), candidate("b")];
  t.deepEqual([balancer.pick(equal)?.key, balancer.pick(equal)?.key].sort(), ["a", "b"]);
});

test("fastest takes the one that answers soonest, for its weight; first one that nobody has asked", (t) => {
  const balancer = createBalancer("fastest");
  const slow = candidate("slow", { latencyMs: 80 });
  const fast = candidate("fast", { latencyMs: 20 });
  t.is(balancer.pick([slow, fast])?.key, "fast");
  t.is(balancer.pick([candidate("slow", { latencyMs: 80, weight: 5 }), fast])?.key, "slow");
  t.is(balancer.pick([slow, fast, candidate("new")])?.key, "new");
});

test("a hash keeps a key at its server; without a key it goes round robin", (t) => {
  const balancer = createBalancer("hash");
  const servers = [candidate("a"), candidate("b"), candidate("c")];
  for (const key of ["ada", "bob", ""]) {
    const first = balancer.pick(servers, key)?.key;
    t.is(balancer.pick([...servers].reverse(), key)?.key, first);
  }
  t.is(new Set([1, 2, 3].map(() => balancer.pick(servers)?.key)).size, 3);
});

test("a server that comes takes its share of the keys, and no key moves between the others", (t) => {
  const arbitraryWeights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(arbitraryWeights, fc.string(), (weights, salt) => {
      const balancer = createBalancer("hash");
      const servers = weights.map((weight, index) => candidate(`ws://server-${index}/`, { weight }));
      const before = servers.slice(1);
      const added = servers[0]!;
      const keys = Array.from({ length: 400 }, (_, index) => `${salt}-${index}`);
      const moved = keys.filter((key) => {
        const then = balancer.pick(before, key);
        const now = balancer.pick(servers, key);
        if (now !== then) t.is(now, added);
        return now !== then;
      });
      const share = added.weight / weights.reduce((sum, weight) => sum + weight, 0);
      // Six standard deviations of a binomial count.
      const margin = 6 * Math.sqrt(keys.length * share * (1 - share));
      t.true(Math.abs(moved.length - keys.length * share) <= margin, `${moved.length} of ${share}`);
    }),
    { numRuns: 30 },
  );
});
