import { NAME, type PathTokens } from "./path-tokens.ts";

/** Prefixes of paths, and the namespaces that they stand for. The empty one is that of elements without a prefix. */
export type Namespaces = Readonly<Record<string, string>>;

/** Of an element or attribute, its name without its prefix, and the namespace; empty without one. */
export interface ExpandedName {
  readonly local: string;
  readonly uri: string;
}

export type NameTest = (name: ExpandedName) => boolean;

/** `a`, `p:a`, `p:*`, `*:a` or `*`. Attributes without a prefix are in no namespace, whatever that of elements is. */
export function readNameTest(
  tokens: PathTokens,
  namespaces: Namespaces | undefined,
  of: "element" | "attribute",
): NameTest {
  const first = takeName(tokens);
  if (!tokens.takeIf(":")) {
    if (first === "*") return () => true;
    const own = of === "element" ? (namespaces?.[""] ?? "") : "";
    return ({ local, uri }) => local === first && uri === own;
  }
  const second = takeName(tokens);
  const wanted = first === "*" ? undefined : namespaceOf(first, namespaces, tokens);
  return ({ local, uri }) => (wanted === undefined || uri === wanted) && (second === "*" || local === second);
}

function takeName(tokens: PathTokens): string {
  return tokens.next === "*" || NAME.test(tokens.next) ? tokens.take() : tokens.fail("a name or `*`");
}

function namespaceOf(prefix: string, namespaces: Namespaces | undefined, tokens: PathTokens): string {
  if (prefix === "xml") return "http://www.w3.org/XML/1998/namespace";
  if (namespaces === undefined) return "";
  return Object.hasOwn(namespaces, prefix)
    ? namespaces[prefix]!
    : tokens.fail(`the prefix "${prefix}" to be among \`namespaces\``);
}
