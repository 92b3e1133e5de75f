/** Writes what follows from the schemas of the gateway's own policies: the tables in docs/standard/ and docs/xml/, and types for configs. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { namesOfPack, ownFolders, readOptionsSchema, renderOptions, renderOwnTypes } from "./own-options.ts";

const fileOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

for (const policy of ownFolders.flatMap(namesOfPack)) {
  const file = fileOf(`docs/${policy}.md`);
  const page = await readFile(file, "utf8");
  const table = renderOptions(await readOptionsSchema(policy));
  await writeFile(
    file,
    page.replace(/(## Options\n\n)(?:\|.*\n)*/, (_, heading) => `${heading}${table}\n`),
  );
}
await writeFile(fileOf("core/config/generated/own-options.ts"), await renderOwnTypes());
