import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import test from "ava";
import { checkOptions } from "../../policies/use-options.ts";
import {
  findStandardPolicies,
  readOptionsSchema,
  renderOptions,
  renderStandardTypes,
} from "../../scripts/standard-options.ts";
import { codeBlocks, namesIn, root, sectionOf } from "./documents.ts";

const folder = join(root, "docs/standard");
const policies = findStandardPolicies();
const readPage = (name: string) => readFile(join(folder, `${name}.md`), "utf8");

test("every standard policy has its page, and its row in the index", async (t) => {
  t.true(policies.length > 10);
  const pages = globSync("*.md", { cwd: folder }).map((file) => basename(file, ".md"));
  t.deepEqual(pages.filter((page) => page !== "README").toSorted(), policies);
  const rows = namesIn(await readPage("README"));
  const linked = rows.map((cell) => /^\[(.*)\]\(\1\.md\)$/.exec(cell)?.[1] ?? cell);
  t.deepEqual(linked.toSorted(), policies);
});

for (const policy of policies) {
  test(`docs/standard/${policy}.md has the options of the schema, and an example that fits it`, async (t) => {
    const page = await readPage(policy);
    const schema = await readOptionsSchema(policy);
    t.is(sectionOf(page, "Options").trim(), renderOptions(schema), "run `node scripts/write-standard.ts`");
    for (const { description } of Object.values(schema.properties ?? {})) t.truthy(description);

    const [example, ...others] = codeBlocks(page, "json example");
    t.is(others.length, 0);
    const { use, options } = JSON.parse(example!);
    t.is(use, `@framegate/standard/${policy}`);
    const checked = checkOptions(schema, options);
    t.true("options" in checked, JSON.stringify(checked));
  });
}

test("the types for configs say what the schemas say", async (t) => {
  const kept = await readFile(join(root, "core/config/generated/standard-options.ts"), "utf8");
  t.is(kept, await renderStandardTypes(), "run `node scripts/write-standard.ts`");
});

test("every link of the pages leads to a file", async (t) => {
  const links = await Promise.all(
    policies.map(async (policy) =>
      [...(await readPage(policy)).matchAll(/\]\(([^)#\s]+)/g)].map(([, to]) => to!),
    ),
  );
  t.true(links.flat().length > 5);
  t.deepEqual(
    links.flat().filter((to) => !existsSync(join(folder, to))),
    [],
  );
});
