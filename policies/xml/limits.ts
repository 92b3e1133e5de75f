import type { Message } from "framegate/policy";
import { textOf } from "../standard/lib/contents.ts";
import { refuseMessage, VIOLATION_PROPERTIES, type ViolationOptions } from "../standard/lib/refusals.ts";
import { createElementCount, type ElementLimits } from "./lib/element-count.ts";
import { elementLimits, limitOf, MAX_SIZE } from "./lib/properties.ts";
import { findRefusal, openReader, type XmlReader, XmlRefusal } from "./lib/reader.ts";

/** Keeps XML that is made to exhaust its reader, or to make it read something else, from it. */
interface Options extends ViolationOptions, ElementLimits {
  readonly size: number;
  readonly depth: number;
  readonly nameLength: number;
  readonly attributeLength: number;
  readonly textLength: number;
  readonly comments: boolean;
  readonly instructions: boolean;
}

const flag = (value: boolean, description: string) => ({ type: "boolean", default: value, description });

export const optionsSchema = {
  type: "object",
  properties: {
    size: limitOf(MAX_SIZE, "Characters of a message."),
    depth: { ...limitOf(32, "Levels of elements."), maximum: 256 },
    ...elementLimits,
    nameLength: limitOf(128, "Characters of a name of an element or attribute, with its prefix."),
    attributeLength: limitOf(4096, "Characters of an attribute's value."),
    textLength: limitOf(
      65_536,
      "Characters of a text, a CDATA section, a comment or a processing instruction.",
    ),
    comments: flag(true, "Whether there may be comments."),
    instructions: flag(
      false,
      "Whether there may be processing instructions. Some of them make a reader fetch style sheets.",
    ),
    ...VIOLATION_PROPERTIES,
  },
  additionalProperties: false,
};

const check: Message<Options> = ({ content, options }) => {
  const text = textOf(content);
  const excess = text === undefined ? "no UTF-8" : findExcess(text, options);
  return excess === undefined ? undefined : refuseMessage(options, `the message is refused: ${excess}`);
};

export const client = check;
export const server = check;

function findExcess(text: string, options: Options): string | undefined {
  if (text.length > options.size) return `more than ${options.size} characters`;
  const reader = openReader();
  limitElements(reader, options);
  limitTexts(reader, options);
  return findRefusal(reader, text)?.message;
}

function limitElements(reader: XmlReader, options: Options): void {
  let depth = 0;
  const count = createElementCount(options);
  const checkName = (name: string) => {
    if (name.length > options.nameLength)
      throw new XmlRefusal(`a name of more than ${options.nameLength} characters`);
  };
  reader.on("opentagstart", ({ name }) => {
    if (++depth > options.depth)
      throw new XmlRefusal(`elements nested more than ${options.depth} levels deep`);
    count.addElement();
    checkName(name);
  });
  reader.on("attribute", ({ name, value }) => {
    count.addAttribute();
    checkName(name);
    if (value.length > options.attributeLength)
      throw new XmlRefusal(`an attribute of more than ${options.attributeLength} characters`);
  });
  reader.on("closetag", () => {
    depth--;
  });
}

function limitTexts(reader: XmlReader, { textLength, comments, instructions }: Options): void {
  const checkText = (text: string) => {
    if (text.length > textLength) throw new XmlRefusal(`a text of more than ${textLength} characters`);
  };
  reader.on("text", checkText);
  reader.on("cdata", checkText);
  reader.on("comment", (text) => {
    if (!comments) throw new XmlRefusal("a comment");
    checkText(text);
  });
  reader.on("processinginstruction", ({ target, body }) => {
    if (!instructions) throw new XmlRefusal("a processing instruction");
    checkText(target + body);
  });
}
