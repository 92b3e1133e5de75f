import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import test from "ava";
import { renderConfigFiles } from "../../scripts/config-files.ts";
import { renderTables } from "../../scripts/config-tables.ts";
import { readDocument, root } from "./documents.ts";

for (const [file, text] of await renderConfigFiles()) {
  test(`${relative(root, file)} says what the schema of the config says`, async (t) => {
    t.is(await readFile(file, "utf8"), text, "run `npx node scripts/write-config.ts`");
  });
}

test("docs/config.md has a table for each object of the config, and no others", async (t) => {
  const document = await readDocument("docs/config.md");
  t.throws(() => renderTables(document.replace("options of DrainInput", "options of Drain")), {
    message: /called Drain$/,
  });
  t.throws(() => renderTables(document.replace("<!-- options of DrainInput", "<!--")), {
    message: /no table for DrainInput$/,
  });
});
