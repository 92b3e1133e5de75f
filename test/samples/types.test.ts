import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";

const samples = fileURLToPath(new URL("../../samples", import.meta.url));

for (const name of await readdir(samples)) {
  test(`samples/${name}: the types of its policies are right`, async (t) => {
    const dir = join(samples, name, "policies");
    const sources = await findPolicies(dir);
    t.true(sources.length > 0);
    t.deepEqual(await checkTypes(dir, sources), []);
  });
}
