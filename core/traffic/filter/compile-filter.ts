import { compileClientAddress } from "../../net/client-address.ts";
import { compileLinearPattern } from "../../redaction/pattern.ts";
import type { SessionFacts, TrafficRecord } from "../records.ts";
import { fieldOf } from "./fields.ts";
import { createLook, MOST_PATTERN_MS, type RecordLook } from "./look.ts";
import {
  type Asked,
  isNumberField,
  type NumberField,
  numberReadings,
  stepsIn,
  type WordField,
  wordReadings,
} from "./readings.ts";
import { someText } from "./texts.ts";
import type { FilterOperator, FilterTest, FilterTree, FilterValue } from "./tree.ts";
import { readFieldAmount } from "./values.ts";

/**
 * Whether a record, redacted already, is one of those that are meant.
 *
 * @param facts of its session, where they are known
 * @returns undefined: it takes longer, and is to be asked again with the same, when others have had their turn
 * @throws TrafficError `ERR_TRAFFIC_PATTERN`
 */
export type RecordQuestion = (record: TrafficRecord, facts: SessionFacts | undefined) => boolean | undefined;

type Question = (asked: Asked) => boolean;

/** Made for one search of many records, each of which takes a time that grows with its length only. */
export function compileTree(tree: FilterTree, mostPatternMs = MOST_PATTERN_MS): RecordQuestion {
  const look = createLook(mostPatternMs);
  const question = compile(tree, look);
  return (record, facts) => {
    look.begin(record);
    const fits = question({ record, facts });
    return look.isUnfinished ? undefined : fits;
  };
}

function compile(tree: FilterTree, look: RecordLook): Question {
  switch (tree.type) {
    case "and": {
      const parts = tree.of.map((part) => compile(part, look));
      return (asked) => parts.every((part) => part(asked));
    }
    case "or": {
      const parts = tree.of.map((part) => compile(part, look));
      return (asked) => parts.some((part) => part(asked));
    }
    case "not": {
      const inner = compile(tree.of, look);
      return (asked) => !inner(asked);
    }
    case "test": {
      if (tree.operator !== "!=") return compileTest(tree, look);
      const inner = compileTest({ ...tree, operator: "=" }, look);
      return (asked) => !inner(asked);
    }
  }
}

function compileTest({ field = "text", key, operator, value }: FilterTest, look: RecordLook): Question {
  if (field === "text") {
    const fits = compileText(operator, value, look);
    return ({ record }) => someText(record, (text) => look.ask(() => fits(text)));
  }
  if (field === "policy") return compilePolicy(operator, value, look);
  if (isNumberField(field)) return compileNumber(field, operator, value);
  const fits = compileWord(field, operator, value, look);
  const read: (asked: Asked, key: string) => readonly string[] = wordReadings[field];
  return (asked) => read(asked, key).some((text) => look.ask(() => fits(text)));
}

function compileWord(
  field: WordField,
  operator: FilterOperator,
  value: FilterValue,
  look: RecordLook,
): (text: string) => boolean {
  switch (fieldOf(field).kind) {
    case "text":
      return compileText(operator, value, look);
    case "client":
      return value.type === "pattern" ? () => false : compileClientAddress(value.text);
    default:
      return compileName(operator, value, look);
  }
}

function compileName(
  operator: FilterOperator,
  value: FilterValue,
  look: RecordLook,
): (text: string) => boolean {
  if (value.type === "pattern") return hasPattern(value, look);
  const { text } = value;
  if (value.type === "quoted" || operator === "=" || !text.includes("*")) return (found) => found === text;
  const [start = "", ...others] = text.split("*");
  const end = others.pop() ?? "";
  return (found) =>
    found.length >= start.length + end.length &&
    found.startsWith(start) &&
    found.endsWith(end) &&
    hasInOrder(found.slice(start.length, found.length - end.length), others);
}

function compileText(
  operator: FilterOperator,
  value: FilterValue,
  look: RecordLook,
): (text: string) => boolean {
  if (value.type === "pattern") return hasPattern(value, look);
  if (operator === "=") return (found) => found === value.text;
  const parts = value.type === "word" ? value.text.toLowerCase().split("*") : [value.text.toLowerCase()];
  return (found) => hasInOrder(look.lower(found), parts);
}

function hasPattern(
  { source, flags }: FilterValue & { type: "pattern" },
  look: RecordLook,
): (text: string) => boolean {
  return look.watch(compileLinearPattern(source, flags));
}

function hasInOrder(text: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}

function compilePolicy(operator: FilterOperator, value: FilterValue, look: RecordLook): Question {
  if (value.type === "pattern") return () => false;
  const { type, text } = value;
  // The names of packs' policies begin with an @.
  const at = text.lastIndexOf("@");
  const fitsName = compileName(operator, { type, text: at > 0 ? text.slice(0, at) : text }, look);
  const version = at > 0 ? text.slice(at + 1) : "";
  return ({ record }) =>
    stepsIn(record).some((step) => fitsName(step.policy) && step.version.startsWith(version));
}

function compileNumber(field: NumberField, operator: FilterOperator, value: FilterValue): Question {
  const { from, to } =
    (value.type !== "pattern" && readFieldAmount(fieldOf(field).kind, value.text)) || NOTHING;
  const read: (record: TrafficRecord) => number | undefined = numberReadings[field];
  const compare = compareBy(operator, from, to);
  return ({ record }) => {
    const found = read(record);
    return found !== undefined && compare(found);
  };
}

const NOTHING = { from: Number.NaN, to: Number.NaN };

function compareBy(operator: FilterOperator, from: number, to: number): (found: number) => boolean {
  switch (operator) {
    case ":":
    case "=":
      return (found) => found >= from && found <= to;
    case "!=":
      return (found) => found < from || found > to;
    case "<":
      return (found) => found < from;
    case "<=":
      return (found) => found <= from;
    case ">":
      return (found) => found > from;
    case ">=":
      return (found) => found >= from;
  }
}
