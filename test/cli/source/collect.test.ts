import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { collectVersion } from "../../../cli/source/collect.ts";
import { bundlePolicy } from "../../../policies/bundle/bundler.ts";
import { findPolicies } from "../../../policies/folder.ts";
import { makeFolder } from "../../config/folder.ts";

const counts = "export class Count { value = 1 }\n";

test("what is collected is compiled to the same versions, by the same compiler options wherever they come from", async (t) => {
  const root = await makeFolder(t, {
    "tsconfig.json": '{ "compilerOptions": { "useDefineForClassFields": true } }',
    "gate/options/base.json": '{ "compilerOptions": { "useDefineForClassFields": false } }',
    "gate/tsconfig.json": '{ "extends": ["./options/base", "@acme/strict"] }',
    "gate/node_modules/@acme/strict/package.json": '{ "name": "@acme/strict" }',
    "gate/node_modules/@acme/strict/tsconfig.json": '{ "compilerOptions": { "strict": true } }',
    "gate/lib/count.ts": counts,
    "gate/policies/tsconfig.json": '{\n  // as the others\n  "extends": "../options/base.json"\n}',
    "gate/policies/a.ts": `${counts}export const client = () => ({ content: { body: String(new Count().value) } });`,
    "gate/policies/b.ts":
      'import { Count } from "../lib/count.ts";\nexport const client = () => ({ content: { body: String(new Count().value) } });',
  });
  const files = await collectVersion(join(root, "gate/policies"));
  t.deepEqual([...files.keys()].sort(), [
    "lib/count.ts",
    "node_modules/@acme/strict/package.json",
    "node_modules/@acme/strict/tsconfig.json",
    "options/base.json",
    "policies/a.ts",
    "policies/b.ts",
    "policies/tsconfig.json",
    "tsconfig.json",
  ]);
  const pushed = await makeFolder(t);
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(pushed, path)), { recursive: true });
    await writeFile(join(pushed, path), bytes);
  }
  const versions = async (dir: string) =>
    (await Promise.all((await findPolicies(dir)).map(bundlePolicy))).map(({ version }) => version).sort();
  t.deepEqual(await versions(join(pushed, "policies")), await versions(join(root, "gate/policies")));
});

test("compiler options that a version cannot hold are named", async (t) => {
  const root = await makeFolder(t, {
    "base.json": "{}",
    "gate/policies/tsconfig.json": '{ "extends": "../../base" }',
    "gate/policies/a.ts": "export const client = () => {};",
  });
  await t.throwsAsync(collectVersion(join(root, "gate/policies")), {
    code: "ERR_CLI_PATH",
    message: /^Policies need \/.*\/base\.json, which is not below \/.*\/gate: move it there/,
  });
});
