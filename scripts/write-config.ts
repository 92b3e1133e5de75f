/**
 * Writes what follows from the schemas in core/config/options: the types of a config, docs/config.schema.json and the
 * tables in docs/config.md. A test fails while one of them is not as it is written here.
 */
import { writeFile } from "node:fs/promises";
import { renderConfigFiles } from "./config-files.ts";

for (const [file, text] of await renderConfigFiles()) await writeFile(file, text);
