import { globSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { renderOptionTypes } from "../policies/pack/options-type.ts";
import { STANDARD_PACK } from "../policies/pack/pack-name.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const folder = fileURLToPath(new URL("../policies/standard/", import.meta.url));

/** The names of the standard policies, sorted. */
export function findStandardPolicies(): readonly string[] {
  return globSync("*.ts", { cwd: folder })
    .map((file) => basename(file, ".ts"))
    .toSorted();
}

export async function readOptionsSchema(policy: string): Promise<Schema> {
  const { optionsSchema } = (await import(`${folder}${policy}.ts`)) as { readonly optionsSchema: Schema };
  return optionsSchema;
}

/** A file of TypeScript with what configs may give to the policies. */
export async function renderStandardTypes(): Promise<string> {
  const schemas: Record<string, unknown> = {};
  for (const policy of findStandardPolicies()) {
    schemas[`${STANDARD_PACK}/${policy}`] = await readOptionsSchema(policy);
  }
  return [
    "// Written by scripts/write-standard.ts from the schemas of the policies: edit those.",
    "// biome-ignore-all format: a script cannot know how long lines are broken",
    "",
    "/** What a config may give as `options` to policies of the standard pack. */",
    "export interface StandardPolicyOptions {",
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
