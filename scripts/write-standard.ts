/** Writes the tables of options in docs/standard/ anew, from the schemas of the policies. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { findStandardPolicies, readOptionsSchema, renderOptions } from "./standard-options.ts";

for (const policy of findStandardPolicies()) {
  const file = fileURLToPath(new URL(`../docs/standard/${policy}.md`, import.meta.url));
  const page = await readFile(file, "utf8");
  const table = renderOptions(await readOptionsSchema(policy));
  await writeFile(
    file,
    page.replace(/(## Options\n\n)(?:\|.*\n)*/, (_, heading) => `${heading}${table}\n`),
  );
}
