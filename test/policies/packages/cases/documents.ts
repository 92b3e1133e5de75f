import type { PackageCase } from "../package-case.ts";

export const documents: readonly PackageCase[] = [
  {
    name: "jsonata",
    use: "queries and reshapes JSON",
    imports: 'import jsonata from "jsonata";',
    calls: [
      ["jsonata('$sum(items.(price * n))').evaluate({ items: [{ price: 2, n: 3 }, { price: 1, n: 1 }] })", 7],
      [
        "jsonata('items[price > 1].{ \"s\": $uppercase(sku) }').evaluate({ items: [{ sku: 'a', price: 2 }, { sku: 'b', price: 1 }] })",
        { s: "A" },
      ],
      ["jsonata('$string(a, true)').evaluate({ a: [1] })", "[\n  1\n]"],
    ],
  },
  {
    name: "jsonpath-plus",
    use: "finds values in JSON",
    imports: 'import { JSONPath } from "jsonpath-plus";',
    calls: [
      ["JSONPath({ path: '$.items[*].sku', json: { items: [{ sku: 'a' }, { sku: 'b' }] } })", ["a", "b"]],
      [
        "JSONPath({ path: '$..[?(@.price > 1)]', json: { items: [{ price: 1 }, { price: 2 }] }, eval: 'safe' })",
        [{ price: 2 }],
      ],
      ["JSONPath({ path: '$.a', json: { a: 1 }, resultType: 'path' })", ["$['a']"]],
    ],
  },
  {
    name: "fast-json-patch",
    use: "JSON Patch: applies, compares, observes",
    imports: 'import * as jsonpatch from "fast-json-patch";',
    calls: [
      [
        "jsonpatch.applyPatch({ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }]).newDocument",
        { a: [1, 2] },
      ],
      [
        "jsonpatch.compare({ a: 1 }, { a: 2, b: 3 })",
        [
          { op: "replace", path: "/a", value: 2 },
          { op: "add", path: "/b", value: 3 },
        ],
      ],
      ["jsonpatch.validate([{ op: 'remove', path: '/x' }], {}).name", "OPERATION_PATH_UNRESOLVABLE"],
    ],
  },
  {
    name: "rfc6902",
    use: "JSON Patch: applies and compares",
    imports: 'import { applyPatch, createPatch } from "rfc6902";',
    calls: [
      [
        "(() => { const doc = { a: [1] }; return [applyPatch(doc, [{ op: 'add', path: '/a/-', value: 2 }]), doc]; })()",
        [[null], { a: [1, 2] }],
      ],
      ["createPatch({ a: 1 }, { a: 2 })", [{ op: "replace", path: "/a", value: 2 }]],
      ["applyPatch({}, [{ op: 'remove', path: '/x' }]).map(({ name }) => name)", ["MissingError"]],
    ],
  },
  {
    name: "immer",
    use: "a changed copy of a value that is frozen, as contexts are",
    imports: 'import { enableMapSet, enablePatches, produce, produceWithPatches } from "immer";',
    calls: [
      ["produce(Object.freeze({ a: [1], b: 2 }), (draft) => { draft.a.push(2); })", { a: [1, 2], b: 2 }],
      [
        "(enablePatches(), produceWithPatches({ a: 1 }, (draft) => { draft.a = 2; })[1])",
        [{ op: "replace", path: ["a"], value: 2 }],
      ],
      [
        "(enableMapSet(), [...produce(new Map([[1, 2]]), (draft) => { draft.set(3, 4); })])",
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
  },
  {
    name: "superjson",
    use: "JSON that keeps dates, maps and the like",
    imports: 'import superjson from "superjson";',
    calls: [
      [
        "superjson.stringify({ at: new Date(0), s: new Set([1]) })",
        '{"json":{"at":"1970-01-01T00:00:00.000Z","s":[1]},"meta":{"values":{"at":["Date"],"s":["set"]},"v":1}}',
      ],
      ["superjson.parse(superjson.stringify({ at: new Date(5) })).at.getTime()", 5],
      ["superjson.deserialize(superjson.serialize(new Map([[1, undefined]]))).has(1)", true],
    ],
  },
  {
    name: "graphql",
    use: "GraphQL: parses, checks and runs operations",
    imports: 'import { buildSchema, graphql, parse, print, validate } from "graphql";',
    calls: [
      ["print(parse('{a(b:1){c}}'))", "{\n  a(b: 1) {\n    c\n  }\n}"],
      ["validate(buildSchema('type Query { a: Int }'), parse('{ b }')).length", 1],
      [
        "graphql({ schema: buildSchema('type Query { a: Int }'), source: '{ a }', rootValue: { a: () => 3 } })",
        { data: { a: 3 } },
      ],
    ],
  },
  {
    name: "yaml",
    use: "YAML",
    imports: 'import { parse, parseDocument, stringify } from "yaml";',
    calls: [
      ["parse('a: &x [1, 2]\\nb: *x\\n')", { a: [1, 2], b: [1, 2] }],
      ["stringify({ a: ['x', { b: null }] })", "a:\n  - x\n  - b: null\n"],
      ["parseDocument('a: [').errors[0].code", "BAD_INDENT"],
    ],
  },
  {
    name: "fast-xml-parser",
    use: "XML",
    imports: 'import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";',
    calls: [
      [
        "new XMLParser({ ignoreAttributes: false }).parse('<a x=\"1\"><b>é</b><b>2</b></a>')",
        { a: { b: ["é", 2], "@_x": "1" } },
      ],
      ["new XMLBuilder().build({ a: { b: [1, 2] } })", "<a><b>1</b><b>2</b></a>"],
      ["XMLValidator.validate('<a></b>').err.code", "InvalidTag"],
    ],
    note: "[policies for XML](xml/README.md) come with the gateway, and decode what the server would",
  },
];
