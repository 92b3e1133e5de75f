import type { stringify as Stringify } from "yaml";
import type { Path } from "../values/schema-places.ts";
import type { EffectiveValue, ValueOrigin } from "./effective-config.ts";

/** Further to the right no column begins. */
const MOST_COLUMNS = 60;
/** Stands for a value until the lines are laid out: no config has it. */
const MARK = "\u{e000}";

/** A config as YAML, and behind each value where it came from. @param file for lines */
export async function writeEffective(values: readonly EffectiveValue[], file: string): Promise<string> {
  const { stringify } = await import("yaml");
  const tree = stringify(
    treeOf(values.map(({ path }, index) => ({ path, value: `${MARK}${index}${MARK}` }))),
  );
  const lines = tree
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [before = "", index] = line.split(MARK);
      const found = index === undefined ? undefined : values[Number(index)];
      if (found === undefined) return [line];
      return [`${before}${writeValue(found.value, stringify)}`, wordOrigin(found.origin, file)];
    });
  return layOut(lines);
}

/** In one line. */
function writeValue(value: unknown, stringify: typeof Stringify): string {
  // JSON is YAML too.
  if (typeof value === "string" && /[\n\r]/.test(value)) return JSON.stringify(value);
  return stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

export function wordOrigin(origin: ValueOrigin, file: string): string {
  const place = "line" in origin && origin.line !== undefined ? `${file}:${origin.line}` : file;
  switch (origin.kind) {
    case "file":
      return origin.variables === undefined ? place : `${place}, ${wordVariables(origin.variables)}`;
    case "fallback":
      return `${place}, for ${wordVariables(origin.variables)} is not set`;
    case "version":
      return "the version of the source";
    case "set":
      return `--set ${origin.setting}`;
    case "flag":
      return origin.flag;
    case "default":
      return "default";
    case "derived":
      return `derived: ${origin.from}`;
  }
}

function wordVariables(names: readonly string[]): string {
  return names.map((name) => `\${${name}}`).join(", ");
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

function treeOf(leaves: readonly Leaf[]): unknown {
  const [first] = leaves;
  if (first?.path.length === 0) return first.value;
  const groups = Map.groupBy(leaves, ({ path: [key = ""] }) => key);
  const parts = [...groups].map(
    ([key, inside]) =>
      [key, treeOf(inside.map(({ path, value }) => ({ path: path.slice(1), value })))] as const,
  );
  const isList = typeof first?.path[0] === "number";
  return isList ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

function layOut(lines: readonly (readonly string[])[]): string {
  const widths = lines.filter(({ length }) => length > 1).map(([text = ""]) => text.length);
  const width = Math.min(MOST_COLUMNS, Math.max(0, ...widths));
  return lines
    .map(([text = "", origin]) => (origin === undefined ? text : `${text.padEnd(width)}  # ${origin}`))
    .join("\n");
}
