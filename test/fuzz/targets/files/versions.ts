import assert from "node:assert/strict";
import fc from "fast-check";
import { isPackName, isPolicyName, parsePolicyName } from "../../../../policies/pack/pack-name.ts";
import { compareVersions, isRange, isVersion, satisfies } from "../../../../policies/pack/version.ts";
import { wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const versions = fc.oneof(
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.constantFrom("", "-a", "-a.1", "-1", "-1.a", "+b", "-0.0"))
    .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`),
  wordsOf("1", ".", "0", "-", "+", "a", "999999999", " ", "v"),
);
const ranges = fc.oneof(
  wordsOf("^", "~", ">=", "<=", ">", "<", "=", "1.2.3", "0.1.0", " ", "||", "*", "x", "1.0.0-a"),
  fc
    .tuple(fc.constantFrom("^", "~", ">=", "<", ""), versions)
    .map(([operator, version]) => operator + version),
);

/** Versions are in one order, and what a range holds for does not depend on how that is asked. */
export const versionOrder = defineTarget<{
  readonly versions: readonly [string, string, string];
  readonly range: string;
}>({
  name: "versions",
  inputs: fc.record({ versions: fc.tuple(versions, versions, versions), range: ranges }),
  runs: 1000,
  check({ versions: [a, b, c], range }) {
    if (!isRange(range)) assert.equal(satisfies(a, range), false);
    if (![a, b, c].every(isVersion)) return isRange(range) ? "a range" : "none";
    const order = Math.sign(compareVersions(a, b));
    assert.equal(Math.sign(compareVersions(b, a)), 0 - order);
    if (order <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0, "the order is none");
    assert.equal(satisfies(a, `>=${b}`), order >= 0);
    return satisfies(a, range) ? "holds" : "versions";
  },
});

const names = wordsOf(
  "@",
  "acme",
  "/",
  ".",
  "..",
  "-",
  "_",
  "guard",
  "A",
  "\\",
  "%2f",
  "framegate",
  "standard",
  " ",
);

/** A name of a pack or policy is a path that stays where it is, on any system. */
export const packNames = defineTarget<string>({
  name: "pack-names",
  inputs: names,
  seeds: ["@acme/guard", "@acme/guard.", "@acme/../x", "@acme/guard/a/../b"],
  runs: 1500,
  check(name) {
    const isSafe = (part: string) => /^[\w@-](?:[\w.@-]*[\w-])?$/.test(part) && !part.includes("..");
    if (isPackName(name)) {
      for (const part of name.split("/")) assert.ok(isSafe(part), part);
      return "a pack";
    }
    const parsed = parsePolicyName(name);
    if (isPolicyName(name)) for (const part of name.split("/")) assert.ok(isSafe(part), part);
    if (parsed) assert.equal(`${parsed.pack}/${parsed.policy}`, name);
    return parsed ? "a policy of a pack" : isPolicyName(name) ? "a policy" : "refused";
  },
});
