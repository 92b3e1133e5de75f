import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { loadConfigFile } from "../../core/config/index.ts";
import { bundlePolicy } from "../../policies/bundle/bundler.ts";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";
import { makeFolder } from "../config/folder.ts";
import { codeBlocks, readDocument, root } from "./documents.ts";

for (const name of ["README.md", "docs/policies.md", "docs/packs.md"] as const) {
  test(`${name}: every policy compiles, and its types are right`, async (t) => {
    const dir = await makeFolder(t);
    const policies = codeBlocks(await readDocument(name), "ts policy");
    t.true(policies.length > 0);
    for (const [index, code] of policies.entries()) await writeFile(join(dir, `policy-${index}.ts`), code);
    const sources = await findPolicies(dir);
    t.is(sources.length, policies.length);
    t.deepEqual(await checkTypes(dir, sources), []);
    for (const source of sources) await bundlePolicy(source);
  });
}

for (const name of ["README.md", "docs/config.md"] as const) {
  test(`${name}: the config is one`, async (t) => {
    const [code = ""] = codeBlocks(await readDocument(name), "ts config");
    const dir = await makeFolder(t, { "framegate.config.ts": code });
    const config = await loadConfigFile(join(dir, "framegate.config.ts"));
    t.is(config.routes.length, 2);
  });
}

test("README: the session that it shows is what the sample policy does", async (t) => {
  const text = await readDocument("README.md");
  const [file] = /samples\/[\w/]+\.ts/.exec(text)!;
  const policy = await readFile(join(root, file), "utf8");
  const [, greeting] = /greeting = "([^"]+)"/.exec(policy)!;
  t.true(text.includes(`< {"text":"hi","greeting":"${greeting}","count":1}`));
  t.true(text.includes(`Change \`"${greeting}"\``));
});
