/** Writes the table of docs/packages.md: npm packages that are tested in policies. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { HEADING, renderTable } from "../test/policies/packages/table.ts";

const file = fileURLToPath(new URL("../docs/packages.md", import.meta.url));
const page = await readFile(file, "utf8");
await writeFile(file, page.slice(0, page.indexOf(HEADING) + HEADING.length) + (await renderTable()));
