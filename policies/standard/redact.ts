import type { Message, MessageVerdict, Upgrade } from "framegate/policy";
import type { JSONPathQuery } from "json-p3";
import { replaceText, textOf } from "./lib/contents.ts";
import { parseExactly, sourceOf } from "./lib/exact-json.ts";
import { compileHiding, HIDING_PROPERTIES, type HidingOptions } from "./lib/hiding.ts";
import { compilePath, findPlaces, PATH_SCHEMA, setAt } from "./lib/json-paths.ts";
import type { Rewrite } from "./lib/patterns.ts";
import { perOptions } from "./lib/per-options.ts";
import { parseTopLevel, topLevelNames } from "./lib/top-level.ts";

/** Hides parts of messages. */
interface Options extends HidingOptions {
  readonly paths: readonly string[];
  readonly keys: readonly string[];
  readonly unreadable: "close" | "pass";
}

const TEXTS = { type: "array", items: { type: "string", minLength: 1 }, default: [] };

export const optionsSchema = {
  type: "object",
  properties: {
    paths: {
      ...TEXTS,
      items: PATH_SCHEMA,
      description: "JSONPaths (RFC 9535) of values to hide, such as `$.user.phone` or `$..token`.",
    },
    keys: { ...TEXTS, description: "Names of keys whose values are hidden wherever they are, in any case." },
    ...HIDING_PROPERTIES,
    unreadable: {
      enum: ["close", "pass"],
      default: "close",
      description:
        "What becomes of a binary message that is no UTF-8, in which nothing can be found: `close` ends the connection (1003).",
    },
  },
  additionalProperties: false,
};

interface Rules {
  readonly paths: readonly JSONPathQuery[];
  readonly keys: ReadonlySet<string>;
  readonly mask: string;
  readonly rewrite: Rewrite;
  /** What is hidden in text messages, where it is nothing but members at the top level. */
  readonly members: readonly string[] | undefined;
}

const rulesOf = perOptions(({ paths, keys, ...hiding }: Options): Rules => {
  const rewrite = compileHiding(hiding);
  return {
    paths: paths.map(compilePath),
    keys: new Set(keys.map((key) => key.toLowerCase())),
    mask: hiding.mask,
    rewrite: rewrite ?? ((text) => text),
    members: rewrite === undefined && keys.length === 0 ? topLevelNames(paths) : undefined,
  };
});

const redact: Message<Options> = ({ content, options }) => {
  const rules = rulesOf(options);
  if (rules.members !== undefined && typeof content.body === "string")
    return hideMembers(content.body, rules.members, rules.mask);
  const text = textOf(content);
  if (text === undefined) {
    return options.unreadable === "pass" ? undefined : { close: { code: 1003, reason: "UTF-8 is expected" } };
  }
  const redacted = redactText(text, rules);
  return redacted === text ? undefined : replaceText(content, redacted);
};

/** A path or pattern that is none shows here, and not at the first message. */
export const upgrade: Upgrade<Options> = ({ options }) => void rulesOf(options);
export const client = redact;
export const server = redact;

/** Nothing else is looked for, and so nothing else is written anew. */
function hideMembers(text: string, names: readonly string[], mask: string): MessageVerdict | undefined {
  const members = parseTopLevel(text)?.members ?? {};
  const found = names.filter((name) => Object.hasOwn(members, name));
  if (found.length === 0) return undefined;
  const set: Record<string, string> = Object.create(null);
  for (const name of found) set[name] = mask;
  return { content: { set } };
}

/**
 * JSON is always written anew, and passed on as it was only if that makes no difference: of a key that came twice, only
 * the one that was looked at may leave.
 */
function redactText(text: string, rules: Rules): string {
  let document: unknown;
  try {
    document = parseExactly(text);
  } catch {
    return rules.rewrite(text);
  }
  const held = { document };
  for (const path of rules.paths) for (const place of findPlaces(path, held)) setAt(place, rules.mask);
  return JSON.stringify(redactValue(held.document, rules));
}

function redactValue(value: unknown, rules: Rules): unknown {
  if (typeof value === "string") return rules.rewrite(value);
  if (typeof value === "number") return redactNumber(value, String(value), rules);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, rules));
  const source = sourceOf(value);
  if (source !== undefined) return redactNumber(value, source, rules);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      rules.rewrite(key),
      rules.keys.has(key.toLowerCase()) ? rules.mask : redactValue(item, rules),
    ]),
  );
}

function redactNumber(value: unknown, source: string, { rewrite }: Rules): unknown {
  const rewritten = rewrite(source);
  return rewritten === source ? value : rewritten;
}
