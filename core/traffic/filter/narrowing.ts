import type { TrafficFilter } from "../records.ts";
import { OPCODE_WORDS } from "./fields.ts";
import type { FilterTest, FilterTree } from "./tree.ts";

/** What columns and headers of records can say: the part of a filter that all records must have which fit it. */
export type Narrowing = Pick<
  TrafficFilter,
  "kind" | "session" | "route" | "node" | "origin" | "opcode" | "status" | "policy" | "outcome"
>;

/** No more than the filter asks for: what is left out by it does not fit. */
export function narrowingOf(tree: FilterTree): Narrowing {
  switch (tree.type) {
    case "and":
      return Object.assign({}, ...tree.of.map(narrowingOf)) as Narrowing;
    case "or":
    case "not":
      return {};
    case "test":
      return narrowingOfTest(tree);
  }
}

/** Whether the session of a record must be known to say whether it fits. */
export function asksForFacts(tree: FilterTree): boolean {
  switch (tree.type) {
    case "and":
    case "or":
      return tree.of.some(asksForFacts);
    case "not":
      return asksForFacts(tree.of);
    case "test":
      return tree.field !== undefined && OF_SESSIONS.has(tree.field);
  }
}

const OF_SESSIONS: ReadonlySet<string> = new Set([
  "subject",
  "attribute",
  "path",
  "host",
  "subprotocol",
  "client",
  "server",
]);

function narrowingOfTest({ field, operator, value }: FilterTest): Narrowing {
  if (value.type === "pattern" || (operator !== ":" && operator !== "=")) return {};
  const { text } = value;
  const isWhole = value.type === "quoted" || operator === "=" || !text.includes("*");
  if (!isWhole) return {};
  switch (field) {
    case "session":
    case "route":
    case "node":
      return { [field]: text };
    case "kind":
    case "origin":
    case "outcome":
      return { [field]: text };
    case "opcode":
      return { opcode: Number(Object.entries(OPCODE_WORDS).find(([, word]) => word === text)?.[0]) };
    case "status":
      return /^\d+$/.test(text) ? { status: Number(text) } : {};
    case "policy":
      return text.lastIndexOf("@") > 0 ? {} : { policy: text };
    default:
      return {};
  }
}
