import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { loadConfigFile } from "../../core/config/index.ts";
import { bundlePolicy } from "../../policies/bundle/bundler.ts";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";
import { makeFolder } from "../config/folder.ts";
import { codeBlocks, type DocumentName, documents, readDocument, root, sectionOf } from "./documents.ts";
import { makePolicyFolder } from "./policy-folder.ts";

/** The pages of lenses are checked together. */
const pages = {
  "README.md": ["README.md"],
  "docs/policies.md": ["docs/policies.md"],
  "docs/packs.md": ["docs/packs.md"],
  "docs/packages.md": ["docs/packages.md"],
  "docs/lenses": documents.filter((name) => name.startsWith("docs/lenses/")),
} satisfies Readonly<Record<string, readonly DocumentName[]>>;

for (const [name, documentNames] of Object.entries(pages)) {
  test(`${name}: every policy compiles, and its types are right`, async (t) => {
    const dir = await makePolicyFolder(t);
    const texts = await Promise.all(documentNames.map(readDocument));
    const policies = texts.flatMap((text) => codeBlocks(text, "ts policy"));
    t.true(policies.length > 0);
    for (const [index, code] of policies.entries()) await writeFile(join(dir, `policy-${index}.ts`), code);
    const sources = await findPolicies(dir);
    t.is(sources.length, policies.length);
    t.deepEqual(await checkTypes(dir, sources), []);
    for (const source of sources) await bundlePolicy(source);
  });
}

test("docs/sources.md: the configs are some", async (t) => {
  const codes = codeBlocks(await readDocument("docs/sources.md"), "ts config");
  t.is(codes.length, 4);
  for (const code of codes) {
    const dir = await makeFolder(t, { "framegate.config.ts": code });
    const { source, policiesDir } = await loadConfigFile(join(dir, "framegate.config.ts"));
    t.truthy(source);
    t.is(policiesDir, join(dir, ".framegate/active/policies"));
  }
});

for (const name of ["README.md", "docs/config.md", "docs/shadow.md", "docs/fleet.md"] as const) {
  test(`${name}: the config is one`, async (t) => {
    const [code = ""] = codeBlocks(await readDocument(name), "ts config");
    const dir = await makeFolder(t, { "framegate.config.ts": code });
    const config = await loadConfigFile(join(dir, "framegate.config.ts"));
    t.is(config.routes.length, 2);
  });
}

test("docs/sinks.md: every config is one, with sinks", async (t) => {
  for (const code of codeBlocks(await readDocument("docs/sinks.md"), "ts config")) {
    const dir = await makeFolder(t, { "framegate.config.ts": code });
    const config = await loadConfigFile(join(dir, "framegate.config.ts"));
    t.true(config.sinks.length > 0);
  }
});

test("docs/config.md: the configs in YAML are some", async (t) => {
  const text = await readDocument("docs/config.md");
  for (const section of ["alerts", "routes: upgradeRate"]) {
    const [code = ""] = codeBlocks(sectionOf(text, section), "yaml");
    const dir = await makeFolder(t, { "framegate.config.yaml": code });
    const config = await loadConfigFile(join(dir, "framegate.config.yaml"));
    t.true(config.alerts.length === 2 || config.routes.length === 1, section);
  }
});

test("README: the session that it shows is what the sample policy does", async (t) => {
  const text = await readDocument("README.md");
  const [file] = /samples\/[\w/]+\.ts/.exec(text)!;
  const policy = await readFile(join(root, file), "utf8");
  const [, greeting] = /greeting = "([^"]+)"/.exec(policy)!;
  t.true(text.includes(`< {"text":"hi","greeting":"${greeting}","count":1}`));
  t.true(text.includes(`Change \`"${greeting}"\``));
});
