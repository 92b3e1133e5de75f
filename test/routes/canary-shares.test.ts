import test from "ava";
import { CanaryShares, pointOf } from "../../core/routes/canary-shares.ts";

const keys = Array.from({ length: 20_000 }, (_, index) => `session-${index}`);

test("each share has as many keys as it says, and keys keep their side as it grows", (t) => {
  const shares = new CanaryShares();
  let before: readonly string[] = [];
  for (const share of [0.01, 0.05, 0.25, 0.9, 1]) {
    shares.update([{ policy: "a", version: "v2", share }]);
    const there = keys.filter((key) => shares.isCanary("a", "v2", key));
    t.true(
      Math.abs(there.length / keys.length - share) < 0.01,
      `${there.length} of ${keys.length} at ${share}`,
    );
    const now = new Set(there);
    t.true(before.every((key) => now.has(key)));
    before = there;
  }
});

test("another version has other keys first, and what is not on its way has none", (t) => {
  const isEarly = (version: string) => (key: string) => pointOf("a", version, key) < 0.05;
  const both = keys.filter(isEarly("v2")).filter(isEarly("v3"));
  t.true(Math.abs(both.length / keys.length - 0.05 * 0.05) < 0.002);
  const shares = new CanaryShares();
  t.false(shares.isCanary("a", "v2", "k"));
  shares.update([{ policy: "a", version: "v2", share: 1 }]);
  t.false(shares.isCanary("a", "v1", "k"));
  t.false(shares.isCanary("b", "v2", "k"));
});
