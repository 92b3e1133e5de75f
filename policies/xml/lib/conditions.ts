import { type Namespaces, readNameTest } from "./name-tests.ts";
import type { PathTokens } from "./path-tokens.ts";
import { isDeclaration, type XmlElement } from "./reader.ts";

/** What is said between `[` and `]` of an element. */
export type Condition = (element: XmlElement) => boolean;

/** The texts that something of an element has; none when it is not there. */
type Texts = (element: XmlElement) => readonly string[];

/**
 * `@a`, `@a = 'x'`, `@a != 'x'` and the same of `name()`, `local-name()` and `namespace-uri()`, with `and`, `or`, `not()` and
 * parentheses: what is known as soon as the tag is read.
 */
export function readCondition(tokens: PathTokens, namespaces: Namespaces | undefined): Condition {
  const readAll = (word: string, readOne: () => Condition): readonly Condition[] => {
    const read = [readOne()];
    while (tokens.takeIf(word)) read.push(readOne());
    return read;
  };
  const readOr = (): Condition => {
    const some = readAll("or", readAnd);
    return (element) => some.some((condition) => condition(element));
  };
  const readAnd = (): Condition => {
    const all = readAll("and", readOne);
    return (element) => all.every((condition) => condition(element));
  };
  const readOne = (): Condition => {
    const isNegated = tokens.takeIf("not");
    if (isNegated || tokens.next === "(") {
      tokens.expect("(");
      const condition = readOr();
      tokens.expect(")");
      return isNegated ? (element) => !condition(element) : condition;
    }
    return readComparison(tokens, readTexts(tokens, namespaces));
  };
  return readOr();
}

function readComparison(tokens: PathTokens, texts: Texts): Condition {
  const operator = tokens.next;
  if (operator !== "=" && operator !== "!=") return (element) => texts(element).length > 0;
  tokens.take();
  if (!/^["']/.test(tokens.next)) tokens.fail("a text in quotes");
  const wanted = tokens.take().slice(1, -1);
  return operator === "="
    ? (element) => texts(element).includes(wanted)
    : (element) => texts(element).some((text) => text !== wanted);
}

function readTexts(tokens: PathTokens, namespaces: Namespaces | undefined): Texts {
  if (tokens.takeIf("@")) {
    const fits = readNameTest(tokens, namespaces, "attribute");
    return ({ attributes }) =>
      Object.values(attributes)
        .filter((attribute) => !isDeclaration(attribute) && fits(attribute))
        .map(({ value }) => value);
  }
  const name = tokens.next;
  if (!isFunction(name)) return tokens.fail("an attribute, `name()`, `local-name()` or `namespace-uri()`");
  tokens.take();
  tokens.expect("(");
  tokens.expect(")");
  return (element) => [functions[name](element)].filter((text) => text !== "");
}

const functions = {
  name: ({ name }: XmlElement) => name,
  "local-name": ({ local }: XmlElement) => local,
  "namespace-uri": ({ uri }: XmlElement) => uri,
} as const;

function isFunction(name: string): name is keyof typeof functions {
  return Object.hasOwn(functions, name);
}
