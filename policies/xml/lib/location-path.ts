import { type Condition, readCondition } from "./conditions.ts";
import { type Namespaces, type NameTest, readNameTest } from "./name-tests.ts";
import { type PathTokens, readPathTokens } from "./path-tokens.ts";
import type { XmlElement } from "./reader.ts";

/** A way from the document to elements, their attributes or their texts. */
export interface LocationPath {
  readonly steps: readonly Step[];
  readonly end: PathEnd;
}

/** Whether an element is where a step leads to. */
export interface Step {
  /** `//`: however deep. */
  readonly isDeep: boolean;
  readonly fits: (element: XmlElement) => boolean;
}

/** What is meant where the steps lead to. With `isDeep`, of these elements and all that is within them. */
export type PathEnd =
  | { readonly kind: "element" }
  | { readonly kind: "text"; readonly isDeep: boolean }
  | { readonly kind: "attribute"; readonly isDeep: boolean; readonly fits: NameTest };

/** Each is a bit of what an element is known by. */
export const MAX_STEPS = 30;

/** The part of XPath that can be told while a document is read, from tags alone. Throws a SyntaxError. @param namespaces undefined: whatever they are */
export function parsePath(path: string, namespaces: Namespaces | undefined): LocationPath {
  const tokens = readPathTokens(path);
  const steps: Step[] = [];
  let end: PathEnd = { kind: "element" };
  do {
    const isDeep = tokens.next === "//";
    if (!isDeep && tokens.next !== "/") tokens.fail("`/` or `//`");
    tokens.take();
    end = readEnd(tokens, namespaces, isDeep);
    if (end.kind === "element") steps.push(readStep(tokens, namespaces, isDeep));
    else if (steps.length === 0 && !isDeep) tokens.fail("an element before that");
  } while (end.kind === "element" && tokens.next !== "");
  if (tokens.next !== "") tokens.fail("no more");
  if (steps.length > MAX_STEPS) throw new SyntaxError(`"${path}" has more than ${MAX_STEPS} steps`);
  return { steps, end };
}

function readEnd(tokens: PathTokens, namespaces: Namespaces | undefined, isDeep: boolean): PathEnd {
  if (tokens.takeIf("@"))
    return { kind: "attribute", isDeep, fits: readNameTest(tokens, namespaces, "attribute") };
  if (!tokens.isCall("text")) return { kind: "element" };
  for (const token of ["text", "(", ")"]) tokens.expect(token);
  return { kind: "text", isDeep };
}

function readStep(tokens: PathTokens, namespaces: Namespaces | undefined, isDeep: boolean): Step {
  const isNamed = readNameTest(tokens, namespaces, "element");
  const conditions: Condition[] = [];
  while (tokens.takeIf("[")) {
    conditions.push(readCondition(tokens, namespaces));
    tokens.expect("]");
  }
  return {
    isDeep,
    fits: (element) => isNamed(element) && conditions.every((condition) => condition(element)),
  };
}
