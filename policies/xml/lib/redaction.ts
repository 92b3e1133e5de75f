import type { Rewrite } from "../../standard/lib/patterns.ts";
import { applyCuts, type Cut, escapeAttribute, escapeText } from "./cuts.ts";
import { createElementCount, type ElementLimits } from "./element-count.ts";
import type { PathReach, PathWalk } from "./path-walk.ts";
import {
  findRefusal,
  isDeclaration,
  isPlainXml,
  openReader,
  type XmlElement,
  type XmlReader,
  XmlRefusal,
} from "./reader.ts";

export interface XmlRules extends ElementLimits {
  /** Characters that a document may have. */
  readonly size: number;
  readonly walks: readonly PathWalk[];
  /** Names without prefixes of elements and attributes, in lower case. */
  readonly keys: ReadonlySet<string>;
  readonly mask: string;
  readonly rewrite: Rewrite;
}

/** An element whose tag has been read, and whose end has not. */
interface Open {
  /** By each walk. */
  readonly reached: readonly PathReach[];
  readonly hidesText: boolean;
}

/** What prefixes mean is looked for in each element around: deeper, and a long message takes too long. */
export const MAX_DEPTH = 128;

/**
 * The text with what is to be hidden cut out where it stands; all else is the same to the character. Or why there is no telling
 * what is to be hidden.
 */
export function redactXml(text: string, rules: XmlRules): string | XmlRefusal {
  const cuts: Cut[] = [];
  const reader = openRedactor({ text, rules, cuts });
  const refusal = findRefusal(reader, text);
  if (refusal?.isMalformed && isPlainXml(text))
    return new XmlRefusal("names against the rules of namespaces");
  if (refusal !== undefined) return refusal;
  return cuts.length === 0 ? text : applyCuts(text, cuts);
}

interface Document {
  readonly text: string;
  readonly rules: XmlRules;
  readonly cuts: Cut[];
}

/** A reader that fills in the cuts. */
function openRedactor({ text, rules, cuts }: Document): XmlReader {
  const { size, walks, keys, mask, rewrite } = rules;
  const count = createElementCount(rules);
  const open: Open[] = [{ reached: walks.map(({ start }) => start), hidesText: false }];
  /** Where the last tag, comment, instruction or CDATA section has ended: the next one is at the first `<` from there. */
  let boundary = 0;
  /** Where the values of the attributes of the tag that is being read end. */
  let valueEnds: number[] = [];
  /** The texts since the last tag, as one, whatever comments and instructions are between them. */
  let run = { start: 0, text: "", notes: [] as Cut[] };
  /** The element with all of whose content is hidden: how deep it is, and where its content begins. */
  let hidden: { readonly depth: number; readonly start: number } | undefined;

  const reader = openReader(() => {
    boundary = reader.position;
  });
  const startOfMarkup = () => text.indexOf("<", boundary);
  const endRun = (end: number) => {
    if (hidden !== undefined) return;
    const { hidesText } = open.at(-1)!;
    const wanted = hidesText && run.text.trim() !== "" ? mask : rewrite(run.text);
    if (run.text === "" || wanted === run.text) cuts.push(...run.notes);
    else cuts.push({ start: run.start, end, text: escapeText(wanted) });
  };
  const startRun = () => {
    boundary = reader.position;
    run = { start: boundary, text: "", notes: [] };
  };
  const takeNote = (note: string, end: number) => {
    const start = startOfMarkup();
    boundary = end;
    if (rewrite(note) !== note) run.notes.push({ start, end, text: "" });
  };

  reader.on("text", (part) => {
    if (open.length > 1) run.text += part;
  });
  reader.on("cdata", (part) => {
    run.text += part;
    boundary = reader.position;
  });
  // At its second hyphen; what follows is its `>`, or an error.
  reader.on("comment", (comment) => takeNote(comment, reader.position + 1));
  reader.on("processinginstruction", ({ target, body }) => takeNote(`${target} ${body}`, reader.position));
  reader.on("opentagstart", () => {
    endRun(startOfMarkup());
    valueEnds = [];
    if (text.length > size) throw new XmlRefusal(`more than ${size} characters`);
    count.addElement();
    if (open.length > MAX_DEPTH) throw new XmlRefusal(`elements nested more than ${MAX_DEPTH} levels deep`);
  });
  reader.on("attribute", () => {
    count.addAttribute();
    valueEnds.push(reader.position - 1);
  });
  reader.on("opentag", (element) => {
    const parent = open.at(-1)!;
    const reached = walks.map((walk, i) => walk.enter(parent.reached[i]!, element));
    open.push({ reached, hidesText: walks.some((walk, i) => walk.hasText(reached[i]!)) });
    if (hidden === undefined) {
      cuts.push(...cutsOfAttributes(element, { text, rules, reached, valueEnds }));
      if (keys.has(element.local.toLowerCase()) || walks.some((walk, i) => walk.hasElement(reached[i]!)))
        hidden = { depth: open.length, start: reader.position };
    }
    startRun();
  });
  reader.on("closetag", ({ isSelfClosing }) => {
    const end = isSelfClosing ? reader.position : startOfMarkup();
    endRun(end);
    if (hidden?.depth === open.length) {
      if (!isSelfClosing && hidden.start < end)
        cuts.push({ start: hidden.start, end, text: escapeText(mask) });
      hidden = undefined;
    }
    open.pop();
    startRun();
  });
  reader.on("end", () => {
    cuts.push(...run.notes);
  });
  return reader;
}

interface Tag {
  readonly text: string;
  readonly rules: XmlRules;
  readonly reached: readonly PathReach[];
  /** In the order of the attributes. */
  readonly valueEnds: readonly number[];
}

function cutsOfAttributes({ attributes }: XmlElement, { text, rules, reached, valueEnds }: Tag): Cut[] {
  return Object.values(attributes).flatMap((attribute, index) => {
    if (isDeclaration(attribute)) return [];
    const isHidden =
      rules.keys.has(attribute.local.toLowerCase()) ||
      rules.walks.some((walk, i) => walk.hasAttribute(reached[i]!, attribute));
    const wanted = isHidden ? rules.mask : rules.rewrite(attribute.value);
    if (wanted === attribute.value) return [];
    const end = valueEnds[index]!;
    const start = text.lastIndexOf(text[end]!, end - 1) + 1;
    return [{ start, end, text: escapeAttribute(wanted) }];
  });
}
