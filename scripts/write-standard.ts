/** Writes what follows from the schemas of the standard policies: the tables in docs/standard/, and types for configs. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  findStandardPolicies,
  readOptionsSchema,
  renderOptions,
  renderStandardTypes,
} from "./standard-options.ts";

const fileOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

for (const policy of findStandardPolicies()) {
  const file = fileOf(`docs/standard/${policy}.md`);
  const page = await readFile(file, "utf8");
  const table = renderOptions(await readOptionsSchema(policy));
  await writeFile(
    file,
    page.replace(/(## Options\n\n)(?:\|.*\n)*/, (_, heading) => `${heading}${table}\n`),
  );
}
await writeFile(fileOf("core/config/generated/standard-options.ts"), await renderStandardTypes());
