import type { Message, Upgrade } from "framegate/policy";
import { textOf } from "./lib/contents.ts";
import { endOfString } from "./lib/json-scan.ts";
import { compilePattern } from "./lib/patterns.ts";
import { perOptions } from "./lib/per-options.ts";
import { refuseMessage, VIOLATION_PROPERTIES, type ViolationOptions } from "./lib/refusals.ts";

/** Keeps messages back in which one of some patterns is found. */
interface Options extends ViolationOptions {
  readonly patterns: Readonly<Record<string, string>>;
  readonly unreadable: "refuse" | "pass";
}

export const optionsSchema = {
  type: "object",
  required: ["patterns"],
  properties: {
    patterns: {
      type: "object",
      minProperties: 1,
      additionalProperties: { type: "string", minLength: 1, format: "re2" },
      description:
        'Patterns (RE2) by the names that refusals and the log give them, such as `{ sql: "(?i)union\\\\s+select" }`. In JSON they are looked for in each key and text as well, with its escapes resolved.',
    },
    unreadable: {
      enum: ["refuse", "pass"],
      default: "refuse",
      description: "What becomes of a binary message that is no UTF-8, in which nothing can be found.",
    },
    ...VIOLATION_PROPERTIES,
  },
  additionalProperties: false,
};

const patternsOf = perOptions(({ patterns }: Options) =>
  Object.entries(patterns).map(([name, pattern]) => ({ name, pattern: compilePattern(pattern) })),
);

const check: Message<Options> = ({ content, options, log }) => {
  const text = textOf(content);
  if (text === undefined) {
    return options.unreadable === "pass" ? undefined : refuseMessage(options, "the message is no UTF-8");
  }
  const texts = [text, ...textsIn(text)];
  const found = patternsOf(options).find(({ pattern }) => texts.some((one) => pattern.test(one)));
  if (found === undefined) return undefined;
  log.warn(`a message is kept back: it has the pattern "${found.name}"`);
  return refuseMessage(options, `the message has the pattern "${found.name}"`, {}, `patterns.${found.name}`);
};

/** A pattern that is none shows here, and not at the first message. */
export const upgrade: Upgrade<Options> = ({ options }) => void patternsOf(options);
export const client = check;
export const server = check;

/** Each key and text of JSON that has escapes: `\u0061` is an `a` to whoever reads it. Those of keys that come twice too. */
function textsIn(text: string): string[] {
  const texts: string[] = [];
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    const quoted = text.slice(at, endOfString(text, at) + 1);
    at += quoted.length;
    if (!quoted.includes("\\")) continue;
    try {
      texts.push(JSON.parse(quoted) as string);
    } catch {
      // No JSON, so nobody resolves its escapes; the text as a whole has been looked at.
    }
  }
  return texts;
}
