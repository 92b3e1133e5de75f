import { readFilterTokens } from "./tokens.ts";
import type { FilterTest, FilterTree } from "./tree.ts";

/** The text that is read as this filter, with no more in it than is needed. */
export function printFilter(tree: FilterTree): string {
  switch (tree.type) {
    case "and":
      return tree.of.map((each) => (isJoined(each) ? `(${printFilter(each)})` : printFilter(each))).join(" ");
    case "or":
      return tree.of
        .map((each) => (each.type === "or" ? `(${printFilter(each)})` : printFilter(each)))
        .join(" | ");
    case "not":
      return isJoined(tree.of) ? `!(${printFilter(tree.of)})` : `!${printFilter(tree.of)}`;
    case "test":
      return printTest(tree);
  }
}

function isJoined({ type }: FilterTree): boolean {
  return type === "and" || type === "or";
}

function printTest({ field, key, operator, value }: FilterTest): string {
  const name = field === undefined ? "" : `${field}${key === "" ? "" : `.${printFilterKey(key)}`}${operator}`;
  switch (value.type) {
    case "pattern":
      return `${name}/${value.source}/${value.flags}`;
    case "quoted":
      return `${name}${quoted(value.text)}`;
    case "word":
      return `${name}${value.text}`;
  }
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A field and this very value. */
export function printTerm(field: string, value: string): string {
  return `${field}:${printFilterValue(value)}`;
}

/** In quotes only where it would be read as something else. */
export function printFilterValue(value: string): string {
  const [only, ...others] = readFilterTokens(`text:${value}`);
  const isSame =
    others.length === 0 && only?.type === "term" && only.value.type === "word" && only.value.text === value;
  return isSame && value !== "" && !value.includes("*") ? value : quoted(value);
}

export function printFilterKey(key: string): string {
  return /^[\w.-]+$/.test(key) ? key : quoted(key);
}
