import { readdir, readFile } from "node:fs/promises";
import test from "ava";
import { buildJsonSchema } from "../../core/config/index.ts";

type Schema = { readonly [key: string]: unknown };

test("docs/config.schema.json is current", async (t) => {
  const kept = JSON.parse(await readFile(new URL("../../docs/config.schema.json", import.meta.url), "utf8"));
  t.deepEqual(kept, JSON.parse(JSON.stringify(buildJsonSchema())), "run `node scripts/write-schema.ts`");
});

test("every option is described, with its default, in the words that its type has", async (t) => {
  const types = await readSources();
  const options = [...optionsOf(buildJsonSchema())];
  t.true(options.length > 30);
  for (const [name, option] of options) {
    t.is(typeof option.description, "string", name);
    t.true(
      types.includes(`/** ${option.description} */\n  readonly ${name}`),
      `core/config: ${name}: ${option.description}`,
    );
    if (["string", "number", "boolean"].includes(typeof option.default)) {
      const isNamed = String(option.description).includes(`Default: ${JSON.stringify(option.default)}.`);
      t.true(isNamed || name === "port", `${name}: ${option.description}`);
    }
  }
});

test("unknown keys are marked in an editor too", (t) => {
  t.is(buildJsonSchema().additionalProperties, false);
});

/** All of core/config: an area's options are typed beside their schema. */
async function readSources(): Promise<string> {
  const folder = new URL("../../core/config/", import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".ts"));
  return (await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")))).join("\n");
}

function* optionsOf(schema: unknown): Generator<[string, Schema]> {
  if (typeof schema !== "object" || schema === null) return;
  const { properties, ...others } = schema as Schema;
  yield* Object.entries((properties ?? {}) as Record<string, Schema>);
  for (const part of [...Object.values(properties ?? {}), ...Object.values(others)]) yield* optionsOf(part);
}
