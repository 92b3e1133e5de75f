import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import test from "ava";
import { checkOptions } from "../../policies/use-options.ts";
import {
  namesOfPack,
  ownFolders,
  readOptionsSchema,
  renderOptions,
  renderOwnTypes,
} from "../../scripts/own-options.ts";
import { codeBlocks, namesIn, root, sectionOf } from "./documents.ts";

const docs = join(root, "docs");
const policies = ownFolders.flatMap(namesOfPack);
const readPage = (name: string) => readFile(join(docs, `${name}.md`), "utf8");

for (const pack of ownFolders) {
  test(`every policy of the pack "${pack}" has its page, and its row in the index`, async (t) => {
    const names = namesOfPack(pack).map((policy) => basename(policy));
    t.true(names.length > 0);
    const pages = globSync(`${pack}/*.md`, { cwd: docs }).map((file) => basename(file, ".md"));
    t.deepEqual(pages.filter((page) => page !== "README").toSorted(), names);
    const rows = namesIn(await readPage(`${pack}/README`));
    const linked = rows.map((cell) => /^\[(.*)\]\(\1\.md\)$/.exec(cell)?.[1] ?? cell);
    t.deepEqual(linked.toSorted(), names);
  });
}

for (const policy of policies) {
  test(`docs/${policy}.md has the options of the schema, and an example that fits it`, async (t) => {
    const page = await readPage(policy);
    const schema = await readOptionsSchema(policy);
    t.is(sectionOf(page, "Options").trim(), renderOptions(schema), "run `node scripts/write-standard.ts`");
    for (const { description } of Object.values(schema.properties ?? {})) t.truthy(description);

    const [example, ...others] = codeBlocks(page, "json example");
    t.is(others.length, 0);
    const { use, options } = JSON.parse(example!);
    t.is(use, `@framegate/${policy}`);
    const checked = checkOptions(schema, options);
    t.true("options" in checked, JSON.stringify(checked));
  });
}

test("the types for configs say what the schemas say", async (t) => {
  const kept = await readFile(join(root, "core/config/generated/own-options.ts"), "utf8");
  t.is(kept, await renderOwnTypes(), "run `node scripts/write-standard.ts`");
});

test("every link of the pages leads to a file", async (t) => {
  const links = await Promise.all(
    policies.map(async (policy) =>
      [...(await readPage(policy)).matchAll(/\]\(([^)#\s]+)/g)].map(([, to]) =>
        join(docs, dirname(policy), to!),
      ),
    ),
  );
  t.true(links.flat().length > 5);
  t.deepEqual(
    links.flat().filter((to) => !existsSync(to)),
    [],
  );
});
