import type { Message } from "framegate/policy";
import { textOf } from "./lib/contents.ts";
import { findExcess, type JsonLimits } from "./lib/json-scan.ts";
import { refuseMessage, VIOLATION_PROPERTIES, type ViolationOptions } from "./lib/refusals.ts";

/** Keeps JSON that is made to exhaust its reader, or to be read in two ways, from it. */
type Options = JsonLimits & ViolationOptions;

const count = (value: number, description: string) => ({
  type: "integer",
  minimum: 1,
  default: value,
  description,
});

export const optionsSchema = {
  type: "object",
  properties: {
    depth: count(32, "Levels of arrays and objects."),
    keys: count(256, "Keys of one object."),
    items: count(4096, "Items of one array."),
    keyLength: count(128, "Characters of a key, as they are written."),
    stringLength: count(65_536, "Characters of a string, as they are written."),
    duplicateKeys: {
      type: "boolean",
      default: false,
      description: "Whether a key may come twice in an object. Readers differ in which of the two they take.",
    },
    ...VIOLATION_PROPERTIES,
  },
  additionalProperties: false,
};

const check: Message<Options> = ({ content, options }) => {
  const text = textOf(content);
  const excess = text === undefined ? "no UTF-8" : (findExcess(text, options) ?? findError(text));
  return excess === undefined ? undefined : refuseMessage(options, `the message is refused: ${excess}`);
};

export const client = check;
export const server = check;

function findError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return "no JSON";
  }
}
