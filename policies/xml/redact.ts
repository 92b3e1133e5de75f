import type { Message, MessageVerdict, Upgrade } from "framegate/policy";
import { replaceText, textOf } from "../standard/lib/contents.ts";
import { compileHiding, HIDING_PROPERTIES, type HidingOptions } from "../standard/lib/hiding.ts";
import { perOptions } from "../standard/lib/per-options.ts";
import type { ElementLimits } from "./lib/element-count.ts";
import { parsePath } from "./lib/location-path.ts";
import type { Namespaces } from "./lib/name-tests.ts";
import { createWalk } from "./lib/path-walk.ts";
import { elementLimits, limitOf, MAX_SIZE } from "./lib/properties.ts";
import { redactXml, type XmlRules } from "./lib/redaction.ts";

/** Hides parts of messages in XML. */
interface Options extends HidingOptions, ElementLimits {
  readonly paths: readonly string[];
  readonly namespaces: Namespaces;
  readonly keys: readonly string[];
  readonly size: number;
  readonly unreadable: "close" | "pass";
}

export const optionsSchema = {
  type: "object",
  properties: {
    paths: {
      type: "array",
      items: { type: "string", pattern: "^/", maxLength: 1000, format: "xml-path" },
      default: [],
      description:
        "Paths (a part of XPath) of what is hidden: the content of elements, such as `//card` or `/order/payment[@type='card']`, attributes, `//user/@phone`, or texts, `//note/text()`.",
    },
    namespaces: {
      type: "object",
      additionalProperties: { type: "string" },
      default: {},
      description:
        'What the prefixes in `paths` stand for, such as `{ s: "urn:shop" }`. An empty prefix stands for elements that have none in a path; without it, they are in no namespace.',
    },
    keys: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: [],
      description:
        "Names of elements and attributes that are hidden wherever they are, in any case and any namespace: without a prefix.",
    },
    ...HIDING_PROPERTIES,
    // What XML cannot hold, not even by its number.
    mask: {
      ...HIDING_PROPERTIES.mask,
      pattern: "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]*$",
    },
    size: limitOf(
      MAX_SIZE,
      "Characters of a message in XML. What is longer ends the connection (1008), as what has more elements or attributes does.",
    ),
    ...elementLimits,
    unreadable: {
      enum: ["close", "pass"],
      default: "close",
      description:
        "What becomes of a message that is no well-formed XML, in which nothing can be found: `close` ends the connection (1007).",
    },
  },
  additionalProperties: false,
};

const rulesOf = perOptions(
  ({ paths, namespaces, keys, size, elements, attributes, ...hiding }: Options): XmlRules => ({
    size,
    elements,
    attributes,
    walks: paths.map((path) => createWalk(parsePath(path, namespaces))),
    keys: new Set(keys.map((key) => key.toLowerCase())),
    mask: hiding.mask,
    rewrite: compileHiding(hiding) ?? ((text) => text),
  }),
);

const redact: Message<Options> = ({ content, options }) => {
  const text = textOf(content);
  // UTF-16 and UTF-32 are no UTF-8 either, or have a NUL in each `<`.
  if (text === undefined || text.includes("\0")) return refuse("an encoding other than UTF-8");
  const redacted = redactXml(text, rulesOf(options));
  if (typeof redacted === "string") return redacted === text ? undefined : replaceText(content, redacted);
  return redacted.isMalformed ? unreadable(options) : refuse(redacted.message);
};

/** A path or pattern that is none shows here, and not at the first message. */
export const upgrade: Upgrade<Options> = ({ options }) => void rulesOf(options);
export const client = redact;
export const server = redact;

/** Its reader may well read it, and so it must not pass unread here. */
function refuse(excess: string): MessageVerdict {
  return { close: { code: 1008, reason: `the message is refused: ${excess}` } };
}

function unreadable(options: Options): MessageVerdict | undefined {
  return options.unreadable === "pass" ? undefined : { close: { code: 1007, reason: "XML is expected" } };
}
