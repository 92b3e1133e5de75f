import test from "ava";
import { codeBlocks, readDocument } from "../docs/documents.ts";
import { startStandard } from "../standard/support.ts";

const refusal = (excess: string) => ({
  drop: true,
  reply: [JSON.stringify({ error: `the message is refused: ${excess}` })],
});

test("limits: what is well-formed, and within each limit", async (t) => {
  const { connect, problemOf } = await startStandard("xml/limits");
  const options = {
    size: 150,
    depth: 3,
    elements: 4,
    attributes: 2,
    nameLength: 7,
    attributeLength: 6,
    textLength: 8,
  };
  const connection = connect({ ...options, onViolation: "reply" });
  for (const fine of [
    "<a/>",
    '\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<a/>\n',
    "<?xml version='1.0'?><a><b><c/></b></a>",
    "<a><b/><b/><b></b></a>",
    '<a b="" c=""><d b="" c=""/></a>',
    '<p:a xmlns:p="urn:x" p:b="123456">&lt;&#65;&#x1F600;4567<![CDATA[<x>]]>12345678</p:a>',
    "<!-- 1 --><a><!----></a>",
  ]) {
    t.is(await connection.client(fine), "unchanged", fine);
    t.is(await connection.server(Buffer.from(fine)), "unchanged", fine);
  }
  for (const [text, excess] of [
    ["<a><a><a><a/></a></a></a>", "elements nested more than 3 levels deep"],
    ["<a><b/><b/><b/><b/></a>", "more than 4 elements"],
    ['<a b="" c="" d=""/>', "more than 2 attributes of an element"],
    ['<a xmlns="urn:a" c="" d=""/>', "more than 2 attributes of an element"],
    ["<abcdefgh/>", "a name of more than 7 characters"],
    ['<a abcdefgh=""/>', "a name of more than 7 characters"],
    ['<a b="1234567"/>', "an attribute of more than 6 characters"],
    ["<a>123456789</a>", "a text of more than 8 characters"],
    ["<a>1234<!---->56789</a>", undefined],
    ["<a><![CDATA[123456789]]></a>", "a text of more than 8 characters"],
    ["<a><!--123456789--></a>", "a text of more than 8 characters"],
    [`<a>${" ".repeat(150)}</a>`, "more than 150 characters"],
    ["<a><?php x?></a>", "a processing instruction"],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "a declared encoding other than UTF-8"],
    ['<?xml version="1.1"?><a/>', "a version of XML other than 1.0"],
  ] as const) {
    const expected = excess === undefined ? "unchanged" : refusal(excess);
    t.deepEqual(await connection.client(text), expected, text);
  }
  t.like(await connect({}).client("<a>"), { close: { code: 1008 } });
  t.deepEqual(await connect({ onViolation: "drop" }).server("{}"), { drop: true });
  t.is(await connect({ instructions: true }).client("<a><?php x?></a>"), "unchanged");
  t.deepEqual(
    await connect({ comments: false, onViolation: "reply" }).client("<a><!-- --></a>"),
    refusal("a comment"),
  );
  t.not(problemOf({ depth: 0 }), "none");
  t.not(problemOf({ depth: 257 }), "none");
  t.regex(problemOf({ doctype: true }), /doctype/);
});

test("limits: what only some readers would take for well-formed", async (t) => {
  const { connect } = await startStandard("xml/limits");
  const connection = connect({ instructions: true, onViolation: "reply" });
  for (const text of [
    "",
    "{}",
    "a",
    "<a",
    "<a>",
    "<a/><b/>",
    "<a/>b",
    "<a></b>",
    "<a b=1/>",
    "<a b/>",
    '<a b="<"/>',
    '<a b="" b=""/>',
    '<a xmlns:b="u" xmlns:c="u" b:d="" c:d=""/>',
    "<b:a/>",
    '<a b:c=""/>',
    '<a xmlns:b=""/>',
    '<b:c:d xmlns:b="u"/>',
    "<a>]]></a>",
    "<a>&nbsp;</a>",
    "<a>&toString;</a>",
    "<a>&</a>",
    "<a>&#0;</a>",
    "<a>&#xFFFE;</a>",
    "<a>\0</a>",
    "<a>\x08</a>",
    "<a><!-- -- --></a>",
    " <?xml version='1.0'?><a/>",
    "<a><?xml version='1.0'?></a>",
    "<1/>",
    "< a/>",
  ]) {
    t.deepEqual(await connection.client(text), refusal("no well-formed XML"), text);
  }
  t.deepEqual(
    await connection.client(Buffer.from([0x3c, 0x61, 0x3e, 0xff])),
    refusal("no UTF-8"),
    "bytes that are no UTF-8",
  );
  t.deepEqual(
    await connection.client(Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>', "utf16le")),
    refusal("no well-formed XML"),
  );
});

const LAUGHS = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");

/** What attackers send, as long as a message may be. */
const attacks: Readonly<Record<string, readonly [text: string, excess: string]>> = {
  "billion laughs": [`<!DOCTYPE a [<!ENTITY l0 "lol">${LAUGHS}]><a>&l10;</a>`, "a document type declaration"],
  "quadratic blow-up": [
    `<!DOCTYPE a [<!ENTITY b "${"b".repeat(50_000)}">]><a>${"&b;".repeat(50_000)}</a>`,
    "a document type declaration",
  ],
  "an external entity": [
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a document type declaration",
  ],
  "an external document type": [
    '<!DOCTYPE a SYSTEM "http://attacker.test/a.dtd"><a/>',
    "a document type declaration",
  ],
  "a document type that is not ended": [`<!DOCTYPE a [${"<!".repeat(120_000)}`, "no well-formed XML"],
  "deep nesting": ["<a>".repeat(80_000), "elements nested more than 32 levels deep"],
  "a long name": [`<${"a".repeat(250_000)}/>`, "a name of more than 128 characters"],
  "a long attribute": [`<a b="${"&#65;".repeat(50_000)}"/>`, "an attribute of more than 4096 characters"],
  "many attributes": [
    `<a ${Array.from({ length: 20_000 }, (_, i) => `a${i}=""`).join(" ")}/>`,
    "more than 64 attributes of an element",
  ],
  "many references": [`<a>${"&lt;".repeat(60_000)}</a>`, "no excess"],
  "many brackets": [`<a><![CDATA[${"]".repeat(60_000)}]]></a>`, "no excess"],
  "many dashes": [`<a><!--${"- ".repeat(30_000)}--></a>`, "no excess"],
  "many question marks": [`<a><?a ${"?".repeat(60_000)}?></a>`, "a processing instruction"],
  "many small texts": [`<a>${"x<!---->".repeat(32_000)}</a>`, "no excess"],
  "no end": [`<a>${"<b/>x".repeat(4_000)}`, "no well-formed XML"],
  "a tag that is not ended": [`<a ${" ".repeat(250_000)}`, "no well-formed XML"],
};

test("limits: attacks, by one connection and over many messages", async (t) => {
  const { connect } = await startStandard("xml/limits");
  const connection = connect({ onViolation: "reply" });
  for (const [name, [text, excess]] of Object.entries(attacks)) {
    t.true(text.length <= 262_144, name);
    const expected = excess === "no excess" ? "unchanged" : refusal(excess);
    t.deepEqual(await connection.client(text), expected, name);
  }
  // Each message is one of its own: what one has begun, the next does not go on with.
  for (let i = 0; i < 200; i++) t.deepEqual(await connection.client("<a><b>"), refusal("no well-formed XML"));
  t.deepEqual(await connection.client("</b></a>"), refusal("no well-formed XML"));
  t.is(await connection.client("<a/>"), "unchanged");
});

test("redact: paths, namespaces, keys, what is found in texts; all else stays to the byte", async (t) => {
  const { connect } = await startStandard("xml/redact");
  const order = `<?xml version="1.0" encoding='UTF-8'?>\r\n<!-- kept -->
<s:order xmlns:s="urn:shop" id = '7' >
  <s:card type='visa'>4111<!-- x --><b/></s:card ><empty></empty><none />
  <phone s:kind="home">&#43;1 <![CDATA[<555>]]></phone>\t<s:note Phone='x>y'>é &amp; so</s:note>
</s:order>\n`;
  const redactOf = async (options: object, text = order) => {
    const shown = await connect(options).client(text);
    return shown === "unchanged" ? text : (shown as { body: string }).body;
  };
  const replaced = (from: string, to: string, text = order) => {
    t.true(text.includes(from), from);
    return text.replace(from, to);
  };
  const namespaces = { x: "urn:shop" };
  t.is(
    await redactOf({ paths: ["//x:card", "//empty", "//none"], namespaces }),
    replaced("4111<!-- x --><b/>", "***"),
  );
  t.is(await redactOf({ paths: ["//card", "//x:card/@none"], namespaces }), order);
  t.is(
    await redactOf({ paths: ["/order/card"], namespaces: { "": "urn:shop" } }),
    replaced("4111<!-- x --><b/>", "***"),
  );
  t.is(await redactOf({ paths: ["/x:order/@id"], namespaces, mask: "'" }), replaced("'7'", "'&#39;'"));
  t.is(
    await redactOf({ paths: ["//phone/text()"], mask: "<&>" }),
    replaced("&#43;1 <![CDATA[<555>]]>", "&#60;&#38;&#62;"),
  );
  t.is(
    await redactOf({ keys: ["PHONE"] }),
    replaced("x>y", "***", replaced("&#43;1 <![CDATA[<555>]]>", "***")),
  );
  t.is(await redactOf({ patterns: ["1 <5+"] }), replaced("&#43;1 <![CDATA[<555>]]>", "+***&#62;"));
  t.is(await redactOf({ patterns: [" kept "] }), replaced("<!-- kept -->", ""));
  t.is(await redactOf({ patterns: ["é"] }), replaced("é &amp; so", "*** &#38; so"));

  const split = '<a b="4111 1111 1111 1111">4111 1111<!-- x --> 1111 <![CDATA[1111]]></a><?p a@b.test?>';
  t.is(await redactOf({ find: ["card", "email"] }, split), '<a b="***">***</a>');
  t.is(await redactOf({ patterns: ["z*"] }, "<a/>"), "<a/>", "a pattern that fits nothing, where nothing is");

  const binary = connect({ paths: ["//a"] });
  t.like(await binary.server(Buffer.from("<r><a>é</a>é</r>")), {
    body: [...Buffer.from("<r><a>***</a>é</r>")],
  });
});

test("redact: paths and conditions that it has not, messages that it cannot read", async (t) => {
  const { connect, problemOf } = await startStandard("xml/redact");
  for (const [path, problem] of [
    [
      "//a[1]",
      "no path that can be hidden: expected a name, `*`, `@` or `text()`, and in conditions a text in quotes, got `1]`",
    ],
    ["//a[b='x']", "expected an attribute, `name()`, `local-name()` or `namespace-uri()`, got `b='x']`"],
    ["//a[@b=c]", "expected a text in quotes, got `c]`"],
    ["/@a", "expected an element before that, got its end"],
    ["//a/", "expected a name or `*`, got its end"],
    ["//a/text()/b", "expected no more, got `/b`"],
    ["//a | //b", "expected"],
    ["//a]", "expected `/` or `//`"],
    ["/a".repeat(31), "has more than 30 steps"],
  ] as const) {
    const told = problemOf({ paths: ["//a", path] });
    t.true(told.startsWith("option `paths[1]`: ") && told.includes(problem), told);
  }
  t.regex(problemOf({ paths: ["a"] }), /paths/);
  t.regex(problemOf({ mask: "\0" }), /mask/);
  t.regex(problemOf({ patterns: ["("] }), /^option `patterns\[0\]`: .*is no pattern/);
  t.regex(
    String(await connect({ paths: ["//q:a"] }).upgrade()),
    /^throw: .*expected the prefix "q" to be among `namespaces`/,
  );

  const secret = "<secret>1</secret>";
  const utf16 = Buffer.from(`\ufeff${secret}`, "utf16le");
  const other = "an encoding other than UTF-8";
  const names = "names against the rules of namespaces";
  const nested = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
  const connection = connect({ paths: ["//secret"] });
  const passing = connect({ paths: ["//secret"], unreadable: "pass" });
  for (const text of ["{}", "<a>", Buffer.from("<a"), "{".repeat(300_000)]) {
    t.deepEqual(await connection.client(text), { close: { code: 1007, reason: "XML is expected" } });
    t.is(await passing.client(text), "unchanged");
  }
  t.is(await connection.client(nested(128)), "unchanged");
  for (const [text, excess] of [
    ["<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a document type declaration"],
    ['<?xml version="1.0" encoding="latin1"?><a/>', "a declared encoding other than UTF-8"],
    [Buffer.from([0x3c, 0xff]), other],
    ...[utf16, Buffer.from(utf16).swap16(), Buffer.from(secret, "utf16le")].map(
      (bytes) => [bytes, other] as const,
    ),
    [Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9${secret}</a>`, "latin1"), other],
    ["<a><x:secret>1</x:secret></a>", names],
    ["<a><secret x:y=''>1</secret></a>", names],
    [nested(129), "elements nested more than 128 levels deep"],
    [`<a>${" ".repeat(262_144)}</a>`, "more than 262144 characters"],
  ] as const) {
    const refused = { close: { code: 1008, reason: `the message is refused: ${excess}` } };
    t.deepEqual(await connection.client(text), refused);
    t.deepEqual(await passing.client(text), refused, "whatever is unreadable to it");
  }
});

test("redact: the example of its page", async (t) => {
  const page = await readDocument("docs/xml/redact.md");
  const { connect } = await startStandard("xml/redact");
  const { options } = JSON.parse(codeBlocks(page, "json example")[0]!);
  const [, before, after] = /^`(<user .*?)` becomes\n`(<user .*?)`/m.exec(page)!;
  t.like(await connect(options).client(before), { body: after! });
});

test("redact: attacks", async (t) => {
  const { connect } = await startStandard("xml/redact");
  const connection = connect({
    paths: ["//a//a//a//b", "//*[@a]//*[@b]//@c", "//b//text()"],
    find: ["card", "email"],
  });
  for (const [name, [text]] of Object.entries(attacks)) {
    const verdict = await connection.client(text);
    t.true(verdict === "unchanged" || "close" in (verdict as object), name);
  }
  const declared = `<a xmlns:p="urn:p">${"<a>".repeat(126)}${"<p:a p:b=''/>".repeat(3900)}`;
  const attributes = (count: number) => Array.from({ length: count }, (_, i) => ` a${i}=""`).join("");
  for (const [text, excess] of [
    [`<a>${"<a/>".repeat(4096)}</a>`, "more than 4096 elements"],
    [`<a${attributes(65)}/>`, "more than 64 attributes of an element"],
  ] as const) {
    const reason = `the message is refused: ${excess}`;
    t.deepEqual(await connection.client(text), { close: { code: 1008, reason } });
  }
  for (const text of [
    `<a>${"<a/>".repeat(4095)}</a>`,
    `<a>${`<a${attributes(64)}/>`.repeat(400)}</a>`,
    `<b>${"<a>x</a>".repeat(4095)}</b>`,
    `<a>${"<!--@-->@".repeat(25_000)}</a>`,
    declared + "</a>".repeat(127),
  ]) {
    const verdict = await connection.client(text);
    t.true(verdict === "unchanged" || "body" in (verdict as object), text.slice(0, 40));
  }
});
