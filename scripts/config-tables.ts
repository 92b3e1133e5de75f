/** The tables of docs/config.md, from the schema: one for each object of the config. */
import { listTables, type Option, type OptionTable, readConfigTable, type Value } from "./config-options.ts";

/** What stands in a document around a table; the first line names the input type. */
const MARKED = /(<!-- options of (\w+), by scripts\/write-config\.ts -->\n).*?(<!-- end -->)/gs;

/** What is told beside another table: a side's rate has the options of the table of `rate`. */
const WITHOUT_TABLE: readonly string[] = ["SideRateInput"];

/** The document with its tables as the schema has them. Throws for a table that is not of the schema, or that it lacks. */
export function renderTables(document: string): string {
  const tables = new Map(listTables(readConfigTable()).map((table) => [table.name, table]));
  const text = document.replace(MARKED, (_, start: string, name: string, end: string) => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`docs/config.md: no object of the config is called ${name}`);
    tables.delete(name);
    return `${start}\n${renderTable(table)}\n\n${end}`;
  });
  const missing = [...tables.keys()].filter((name) => !WITHOUT_TABLE.includes(name));
  if (missing.length > 0) throw new Error(`docs/config.md: no table for ${missing.join(", ")}`);
  return text;
}

function renderTable({ options }: OptionTable): string {
  const lines = [
    ["option", "value", "default", "what it is"],
    ["---", "---", "---", "---"],
    ...options.map(cellsOf),
  ];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function cellsOf({ name, isRequired, text, value }: Option): string[] {
  const [, words = "", fallback = ""] = /^(.*?)(?: Default: (.*)\.)?$/s.exec(text) ?? [];
  const shown = /^["{[]|^true$|^false$/.test(fallback) ? code(fallback) : fallback;
  return [code(name), kindOf(value), isRequired ? "required" : shown, words];
}

/** What may be written, in the words of the document's section on values. */
function kindOf(value: Value): string {
  switch (value.kind) {
    case "literals":
      if (value.values.length === 1 && value.values[0] === 0) return "0";
      return value.values.map((each) => code(JSON.stringify(each))).join(", ");
    case "list":
      return "array";
    case "record":
      return "object";
    case "parameter":
      return kindOf(value.value);
    case "union":
      return value.values.map(kindOf).join(" or ");
    default:
      return value.kind;
  }
}

function code(text: string): string {
  return `\`${text}\``;
}
