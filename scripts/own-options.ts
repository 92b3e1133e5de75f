import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderOptionTypes } from "../policies/pack/options-type.ts";
import { OWN_PACKS } from "../policies/pack/pack-name.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const folder = fileURLToPath(new URL("../policies/", import.meta.url));

/** The folders of the packs that come with the gateway, in `policies` and in `docs`. */
export const ownFolders = OWN_PACKS.map((pack) => pack.slice(pack.indexOf("/") + 1));

/** The names of the policies of a pack, with its folder, sorted: `standard/jwt`. */
export function namesOfPack(pack: string): readonly string[] {
  return globSync(`${pack}/*.ts`, { cwd: folder })
    .map((file) => file.replace(/\.ts$/, "").replaceAll("\\", "/"))
    .toSorted();
}

/** @param policy with the folder of its pack */
export async function readOptionsSchema(policy: string): Promise<Schema> {
  const { optionsSchema } = (await import(`${folder}${policy}.ts`)) as { readonly optionsSchema: Schema };
  return optionsSchema;
}

/** A file of TypeScript with what configs may give to the policies. */
export async function renderOwnTypes(): Promise<string> {
  const schemas: Record<string, unknown> = {};
  for (const policy of ownFolders.flatMap(namesOfPack)) {
    schemas[`@framegate/${policy}`] = await readOptionsSchema(policy);
  }
  return [
    "// Written by scripts/write-standard.ts from the schemas of the policies: edit those.",
    "// biome-ignore-all format: a script cannot know how long lines are broken",
    "",
    "/** What a config may give as `options` to policies of the packs that come with the gateway. */",
    "export interface OwnPolicyOptions {",
    ...renderOptionTypes(schemas, "  "),
    "}",
    "",
  ].join("\n");
}

/** The table of a policy's page. */
export function renderOptions({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    typeOf(schema),
    "default" in schema ? `\`${JSON.stringify(schema.default)}\`` : required.includes(name) ? "required" : "",
    schema.description ?? "",
  ]);
  const lines = [["option", "type", "default", "what it is"], ["---", "---", "---", "---"], ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (schema.type === "array")
    return `list of ${(schema.items?.type ?? schema.items?.enum) ? plural(schema.items) : "objects"}`;
  return [schema.type ?? "any"].flat().join(" or ");
}

function plural(items: Schema): string {
  return items.enum === undefined ? `${items.type}s` : typeOf(items);
}
