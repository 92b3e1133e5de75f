import assert from "node:assert/strict";
import { parseXmlDocument } from "slimdom";
import { parsePath } from "../../../../policies/xml/lib/location-path.ts";
import { createWalk } from "../../../../policies/xml/lib/path-walk.ts";
import { redactXml } from "../../../../policies/xml/lib/redaction.ts";
import { wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const rules = {
  size: 100_000,
  elements: 4096,
  attributes: 64,
  walks: ["//a//b/@c", "//b/text()", "//*:d"].map((path) => createWalk(parsePath(path, {}))),
  keys: new Set(["e"]),
  mask: "*",
  rewrite: (text: string) => text.replaceAll("x", "*"),
};

const content = wordsOf(
  ...[
    "<a>",
    "</a>",
    "<b c='x'>",
    "</b>",
    "<p:d xmlns:p='u'>y</p:d>",
    "<e/>",
    '<f e = "&lt;">',
    "</f>",
    "x",
    "&amp;",
  ],
  ...["<![CDATA[x]]>", "<!-- x -->", "<?x y?>", "<", ">", "&", "'", "]]>", "\r\n", "<!DOCTYPE a>"],
);

/** Messages in XML that parts are hidden of: what comes out is XML, and has nothing more that would be hidden. */
export const xmlMessages = defineTarget<string>({
  name: "xml-messages",
  inputs: content.map((text) => `<a>${text}</a>`),
  seeds: [
    "",
    "<a/>",
    '<?xml version="1.0"?><!-- x --><a><b c="x">x</b></a><?x x?>',
    "<a><d><d>y</d></d></a>",
  ],
  check(input) {
    const redacted = redactXml(input, rules);
    if (typeof redacted !== "string") return "refused";
    parseXmlDocument(redacted);
    assert.equal(redactXml(redacted, rules), redacted);
    return redacted === input ? "as it was" : "redacted";
  },
});
