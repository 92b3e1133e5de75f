import test from "ava";
import { compareVersions, isRange, isVersion, satisfies } from "../../../policies/pack/version.ts";

test("versions come in the order of semver.org", (t) => {
  const order =
    "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.10 1.2.0 2.0.0".split(
      " ",
    );
  t.deepEqual([...order].reverse().sort(compareVersions), order);
  t.is(compareVersions("1.0.0+a", "1.0.0+b"), 0);
});

test("ranges", (t) => {
  const holds = [
    "1.2.3 1.2.3",
    "1.2.3 ^1.0.0",
    "1.9.0 ^1.2.3",
    "0.2.9 ^0.2.3",
    "1.2.9 ~1.2.3",
    "1.5.0 >=1.2.0 <2.0.0",
    "0.0.3 ^0.0.3",
  ];
  const fails = [
    "1.2.4 1.2.3",
    "2.0.0 ^1.0.0",
    "1.2.2 ^1.2.3",
    "0.3.0 ^0.2.3",
    "1.3.0 ~1.2.3",
    "2.0.0 >=1.2.0 <2.0.0",
    "0.0.4 ^0.0.3",
    "1.0.0-rc ^1.0.0",
  ];
  for (const [version, range] of holds.map(split)) t.true(satisfies(version, range), `${version} ${range}`);
  for (const [version, range] of fails.map(split)) t.false(satisfies(version, range), `${version} ${range}`);
});

test("what is no version and no range", (t) => {
  for (const text of ["", "1", "1.2", "v1.2.3", "1.2.3 ", "latest"]) t.false(isVersion(text), text);
  for (const text of ["", "*", "latest", "^1", ">=1.0.0 || 2.0.0"]) t.false(isRange(text), text);
});

function split(text: string): [string, string] {
  const at = text.indexOf(" ");
  return [text.slice(0, at), text.slice(at + 1)];
}
