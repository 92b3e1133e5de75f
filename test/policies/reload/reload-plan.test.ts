import { rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { hasChanged, type KnownPolicy, planReload } from "../../../policies/reload/reload-plan.ts";
import { readStamps, stampsOfRead, UNCERTAIN } from "../../../policies/reload/stamps.ts";
import { makeFolder } from "../temporary-folder.ts";

const auth = { name: "auth", file: "/p/auth.ts" };
const stamps = new Map([
  ["/p/auth.ts", "1"],
  ["/p/_lib.ts", "1"],
]);

function planFor(known: Partial<KnownPolicy>, now: Iterable<readonly [string, string]>): readonly string[] {
  const policy = { file: auth.file, stamps, isBroken: false, ...known };
  return planReload(new Map([["auth", policy]]), [auth], new Map(now)).build.map(({ name }) => name);
}

test("built is what is new, changed in an import, of another file, broken or forgotten", (t) => {
  t.deepEqual(planReload(new Map(), [auth], new Map()), { build: [auth], remove: [] });
  t.deepEqual(planFor({}, stamps), []);
  t.deepEqual(planFor({}, new Map([...stamps, ["/p/_lib.ts", "2"]])), ["auth"]);
  t.deepEqual(planFor({}, new Map([...stamps, ["/p/_lib.ts", "missing"]])), ["auth"]);
  t.deepEqual(planFor({ file: "/p/auth.js" }, stamps), ["auth"]);
  t.deepEqual(planFor({ isBroken: true }, stamps), ["auth"]);
  t.deepEqual(planFor({ stamps: undefined }, stamps), ["auth"]);
});

test("a policy whose file is gone is removed", (t) => {
  const known = new Map([["auth", { file: auth.file, stamps, isBroken: false }]]);
  t.deepEqual(planReload(known, [], stamps), { build: [], remove: ["auth"] });
});

test("a file that changed while it was read has no certain stamp", async (t) => {
  const dir = await makeFolder(t, { "a.ts": "1" });
  const file = join(dir, "a.ts");
  const before = await stampsOfRead([file], Date.now() + 1000);
  t.false(hasChanged(before, await readStamps([file])));
  const during = await stampsOfRead([file], Date.now() - 1000);
  t.is(during.get(file), UNCERTAIN);
  t.true(hasChanged(during, await readStamps([file])));
});

test("another file of the same size and time is another file", async (t) => {
  const dir = await makeFolder(t, { "a.ts": "1" });
  const file = join(dir, "a.ts");
  await utimes(file, 1, 1);
  const before = await readStamps([file]);
  t.false(hasChanged(before, await readStamps([file])));
  await writeFile(`${file}~`, "2");
  await utimes(`${file}~`, 1, 1);
  await rename(`${file}~`, file);
  t.true(hasChanged(before, await readStamps([file])));
});
