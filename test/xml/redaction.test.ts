import { createRequire } from "node:module";
import test from "ava";
import * as fc from "fast-check";
import {
  type Attr,
  type Document,
  type Element,
  type Node,
  parseXmlDocument,
  serializeToWellFormedString,
} from "slimdom";
import { parsePath } from "../../policies/xml/lib/location-path.ts";
import { createWalk } from "../../policies/xml/lib/path-walk.ts";
import { findRefusal, openReader } from "../../policies/xml/lib/reader.ts";
import { redactXml } from "../../policies/xml/lib/redaction.ts";

// Its declarations want those of a browser.
const { evaluateXPathToNodes } = createRequire(import.meta.url)("fontoxpath") as {
  evaluateXPathToNodes(
    path: string,
    document: Document,
    ...rest: readonly [
      facade: null,
      variables: null,
      options: { readonly namespaceResolver: (prefix: string) => string | null },
    ]
  ): Node[];
};

const MASK = "*&<\"'*";
const NAMESPACES = { p: "urn:p" };

const redact = (text: string, paths: readonly string[], keys: readonly string[] = []) =>
  redactXml(text, {
    size: 100_000,
    elements: 4096,
    attributes: 64,
    walks: paths.map((path) => createWalk(parsePath(path, NAMESPACES))),
    keys: new Set(keys),
    mask: MASK,
    rewrite: (part) => part,
  });

const oneOf = (...values: readonly string[]) => fc.constantFrom(...values);
const join = (parts: readonly fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(""));
const listOf = (one: fc.Arbitrary<string>, maxLength = 4) =>
  fc.array(one, { maxLength }).map((texts) => texts.join(""));

const names = oneOf("a", "b", "c", "p:a", "p:b");
const attributes = fc
  .uniqueArray(oneOf("k", "m", "p:k"), { maxLength: 3 })
  .chain((chosen) =>
    join(
      chosen.map((name) =>
        oneOf('"x"', "'y\"'", "''", '"&lt;&#9;\n"', "'>'").map((value) => ` ${name} = ${value}`),
      ),
    ),
  );
const texts = oneOf(
  "x",
  "😀",
  " ",
  "\r\n",
  "&amp;y",
  "<![CDATA[<a>]]>",
  "<!-- <a> -->",
  "<?t <a> <??>",
  "]]&gt;",
);
const { content } = fc.letrec<{ content: string; element: string }>((tie) => ({
  content: listOf(fc.oneof({ maxDepth: 5 }, texts, tie("element"))),
  element: fc
    .tuple(names, attributes, oneOf("", ' xmlns="urn:p"', ' xmlns=""'), tie("content"), oneOf("", " "))
    .map(([name, given, namespace, inner, space]) =>
      inner === ""
        ? `<${name}${given}${namespace}${space}/>`
        : `<${name}${given}${namespace}${space}>${inner}</${name}${space}>`,
    ),
}));
const documents = join([
  oneOf("", "\ufeff", '<?xml version="1.0"?>', "<!-- <a> -->\n"),
  content.map((inner) => `<a xmlns:p="urn:p" k="x">${inner}</a>`),
  oneOf("", "\n<!-- -->"),
]);

const tests = oneOf("a", "b", "c", "*", "p:a", "p:*", "*:a");
const conditions = oneOf(
  ...["", "", "", "[@k]", "[@k='x']", '[@m!="x"]', "[not(@k) or @p:k]", "[@k][@m]", "[@*]"],
  ...["[local-name()='a' and namespace-uri()='urn:p']", "[name() = 'p:a']"],
);
const slashes = oneOf("/", "//");
const paths = join([
  fc.array(join([slashes, tests, conditions]), { minLength: 1, maxLength: 3 }).map((steps) => steps.join("")),
  oneOf("", "", "/@k", "//@k", "//@*", "/@p:*", "/text()", "//text()"),
]);

test("a path hides what an engine of all of XPath finds by it, and nothing else", (t) => {
  fc.assert(
    fc.property(documents, fc.array(paths, { minLength: 1, maxLength: 2 }), (text, chosen) => {
      const redacted = redact(text, chosen);
      t.is(show(parse(String(redacted))), show(redactTree(text, chosen)), `${text} ${chosen.join(" ")}`);
    }),
    { numRuns: 2000 },
  );
});

const parse = (text: string) => parseXmlDocument(text.replace(/^\ufeff/, ""));
const show = (document: Document) => serializeToWellFormedString(document);

/** By the tree, and not by what is written. */
function redactTree(text: string, chosen: readonly string[]): Document {
  const document = parse(text);
  const found = chosen.flatMap((path) =>
    evaluateXPathToNodes(path, document, null, null, {
      namespaceResolver: (prefix) => ({ ...NAMESPACES, "": "" })[prefix] ?? null,
    }),
  );
  // Texts first, for they go with the elements around them.
  for (const node of found) if (node.nodeType === node.ATTRIBUTE_NODE) (node as Attr).value = MASK;
  const parents = new Set(found.filter(isText).map(({ parentNode }) => parentNode as Element));
  for (const parent of parents) hideTexts(document, parent);
  for (const node of found) {
    if (node.nodeType !== node.ELEMENT_NODE || node.childNodes.length === 0) continue;
    for (const child of [...node.childNodes]) node.removeChild(child);
    node.appendChild(document.createTextNode(MASK));
  }
  return document;
}

const isText = (node: Node) => node.nodeType === node.TEXT_NODE || node.nodeType === node.CDATA_SECTION_NODE;

function hideTexts(document: Document, parent: Element): void {
  let run: Node[] = [];
  const endRun = () => {
    const text = run.filter(isText).map(({ nodeValue }) => nodeValue);
    if (text.join("").trim() !== "") {
      parent.insertBefore(document.createTextNode(MASK), run[0]!);
      for (const node of run) parent.removeChild(node);
    }
    run = [];
  };
  for (const child of [...parent.childNodes]) {
    if (child.nodeType === child.ELEMENT_NODE) endRun();
    else run.push(child);
  }
  endRun();
}

test("what no path finds is the same to the character", (t) => {
  fc.assert(
    fc.property(documents, (text) => {
      t.is(redact(text, ["//none", "/a/@none", "//none//text()"], ["nothing"]), text);
    }),
  );
});

const pieces = oneOf(
  ...["<a>", "</a>", "<a/>", "<b k='x'>", "</b>", "<", ">", "/", "&", "&amp;", "&#0;", "&#65;", "&b;", "]]>"],
  ...["<![CDATA[", "<!--", "-->", "--", "<?t ", "?>", "'", '"', "=", " ", "x", ":", "<p:a xmlns:p='u'>"],
  ...["</p:a>", "\u0001", "\ufffe", " k='y'", "<a k='x' k='y'>", "é", "<?xml version='1.0'?>"],
);

test("what is well-formed is so to another parser too", (t) => {
  let fine = 0;
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 7 }), documents, fc.nat(), (some, text, at) => {
      const place = at % (text.length + 1);
      const noise = some.join("");
      for (const each of [noise, text.slice(0, place) + noise + text.slice(place)]) {
        if (each.startsWith("\ufeff")) continue;
        const isFine = findRefusal(openReader(), each) === undefined;
        if (isFine) fine++;
        t.is(isFine, isWellFormed(each), each);
      }
    }),
    { numRuns: 2000 },
  );
  t.true(fine > 100, String(fine));
});

function isWellFormed(text: string): boolean {
  try {
    parseXmlDocument(text);
    return true;
  } catch {
    return false;
  }
}
