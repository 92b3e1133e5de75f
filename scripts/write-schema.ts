/** Writes docs/config.schema.json anew from the schema in core/config; a test fails while the two differ. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildJsonSchema } from "../core/config/json-schema.ts";

const file = fileURLToPath(new URL("../docs/config.schema.json", import.meta.url));

writeFileSync(file, JSON.stringify(buildJsonSchema()));
const biome = fileURLToPath(new URL("../node_modules/.bin/biome", import.meta.url));
const { status } = spawnSync(biome, ["format", "--write", file], { stdio: "inherit" });
process.exitCode = status ?? 1;
