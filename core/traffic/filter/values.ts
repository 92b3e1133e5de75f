import { parseDuration, parseSize } from "../../config/amounts.ts";
import { compileLinearPattern } from "../../redaction/pattern.ts";
import type { FieldKind, FilterField } from "./fields.ts";
import type { FilterOperator, FilterValue } from "./tree.ts";

/** From the first to the last that are meant: one number, or all that begin as `4xx` does. */
export interface Amount {
  readonly from: number;
  readonly to: number;
}

const ORDERED: readonly FieldKind[] = ["number", "size", "duration"];
const HINTS: Readonly<Record<FieldKind, string>> = {
  name: "a name, with `*` for anything, or a pattern such as /^a/",
  text: "a text, or a pattern such as /^a/",
  choice: "one of ",
  policy: "the name of a policy, or name@version",
  client: "an address, its first groups, or a network such as 10.0.0.0/8",
  number: "a number",
  size: "a size such as 512, 1KiB or 2MiB",
  duration: "a duration such as 500us, 5ms, 2s or 1m",
};

/** Of a status or a code: all that begin so. */
const CLASS = /^([1-9]\d*)(x+)$/i;
/** What the patterns of a filter together may make each character of a text cost. */
export const MOST_PATTERN_STEPS = 100;
const MOST_PATTERN_LENGTH = 400;
export const SIMPLER_PATTERN =
  "expected a simpler pattern: `*` or `+` in place of a repetition such as {9,99}, or a part of it as a text";

export function isOrdered(kind: FieldKind): boolean {
  return ORDERED.includes(kind);
}

/** @returns undefined for what the field does not take */
export function readFieldAmount(kind: FieldKind, text: string): Amount | undefined {
  const [, first, rest] = (kind === "number" && CLASS.exec(text)) || [];
  if (first !== undefined && rest !== undefined) {
    const step = 10 ** rest.length;
    return { from: Number(first) * step, to: (Number(first) + 1) * step - 1 };
  }
  const amount =
    kind === "size"
      ? (readNumber(text) ?? parseSize(text))
      : kind === "duration"
        ? readTime(text)
        : readNumber(text);
  return amount === undefined || !Number.isFinite(amount) ? undefined : { from: amount, to: amount };
}

/** What is wrong with a value: what was expected; undefined: nothing. */
export function findValueProblem(
  field: FilterField,
  operator: FilterOperator,
  value: FilterValue,
): string | undefined {
  const { kind, values = [] } = field;
  if (!isOrdered(kind) && /[<>]/.test(operator)) return "expected `:`, `=` or `!=` before its value";
  if (value.type === "pattern") {
    if (kind === "name" || kind === "text") return findPatternProblem(value);
    return `expected ${hintOf(field)}`;
  }
  if (value.type === "word" && value.text === "") return `expected ${hintOf(field)}`;
  if (kind === "choice" && !values.includes(value.text)) return `expected ${hintOf(field)}`;
  if (!isOrdered(kind)) return undefined;
  const amount = readFieldAmount(kind, value.text);
  const isClass = amount !== undefined && amount.from !== amount.to;
  return amount === undefined || (isClass && /[<>]/.test(operator)) ? `expected ${hintOf(field)}` : undefined;
}

export function findPatternProblem({ source, flags }: FilterValue & { type: "pattern" }): string | undefined {
  if (source.length > MOST_PATTERN_LENGTH)
    return `expected a pattern of at most ${MOST_PATTERN_LENGTH} characters`;
  try {
    compileLinearPattern(source, flags);
    return undefined;
  } catch (error) {
    return `expected a pattern without lookaround and backreferences: ${(error as Error).message}`;
  }
}

/** What a pattern that can be read makes each character of a text cost. */
export function readSteps({ source, flags }: FilterValue & { type: "pattern" }): number {
  return compileLinearPattern(source, flags).size;
}

function hintOf({ kind, values = [] }: FilterField): string {
  return `${HINTS[kind]}${values.join(", ")}`;
}

function readNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function readTime(text: string): number | undefined {
  const [, micros] = /^(\d+(?:\.\d+)?)[uµ]s$/.exec(text) ?? [];
  return micros === undefined ? parseDuration(text) : Number(micros) / 1000;
}
