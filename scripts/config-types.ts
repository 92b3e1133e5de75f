/** The types of what a config file may hold, from the schema, with what it says of each option as a comment. */
import { listTables, type OptionTable, partsOf, readConfigTable, type Value } from "./config-options.ts";

export function renderInputTypes(): string {
  return [
    "// Written by scripts/write-config.ts from the schemas in core/config/options: edit those.",
    "// biome-ignore-all format: a script cannot know how long lines are broken",
    "",
    'import type { Duration, Size } from "../options/units.ts";',
    ...listTables(readConfigTable()).flatMap((table) => ["", ...renderTable(table)]),
    "",
  ].join("\n");
}

function renderTable(table: OptionTable): string[] {
  const parameters = [...parametersOf(table)].map(([name, value]) => `${name} = ${renderType(value)}`);
  const options = table.options.flatMap(({ name, isRequired, text, value }) => [
    `  /** ${text.replaceAll("*/", "*\\/")} */`,
    `  readonly ${name}${isRequired ? "" : "?"}: ${renderType(value)};`,
  ]);
  return [`export interface ${table.name}${list(parameters)} {`, ...options, "}"];
}

function renderType(value: Value): string {
  switch (value.kind) {
    case "duration":
      return "Duration";
    case "size":
      return "Size";
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "unknown":
      return value.kind;
    case "literals":
      return value.values.map((each) => JSON.stringify(each)).join(" | ");
    case "list": {
      const items = renderType(value.items);
      return `readonly ${items.includes(" | ") ? `(${items})` : items}[]`;
    }
    case "record":
      return `Readonly<Record<string, ${renderType(value.values)}>>`;
    case "object":
      return `${value.table.name}${list([...parametersOf(value.table).keys()])}`;
    case "parameter":
      return value.name;
    case "union":
      return value.values.map(renderType).join(" | ");
  }
}

/** The parameters of a table and of those in it, by name. */
function parametersOf(table: OptionTable): ReadonlyMap<string, Value> {
  const options = listTables(table).flatMap((each) => each.options);
  const parts = options.flatMap(({ value }) => partsOf(value));
  return new Map(parts.flatMap((part) => (part.kind === "parameter" ? [[part.name, part.value]] : [])));
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "" : `<${names.join(", ")}>`;
}
