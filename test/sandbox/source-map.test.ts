import test from "ava";
import fc from "fast-check";
import { createStackMapper } from "../../sandbox/source-map.ts";
import { bundlePolicy } from "./support.ts";

const bundle = { name: "p", file: "/policies/p.ts", version: "1", code: "", sourceMap: "" };
const MAP = { version: 3, names: [], sources: ["p.ts"], sourcesContent: ["a\nb\nc"], mappings: "AAAA;AACA" };

test("a stack is told in the author's lines, without those of the host and the guest", async (t) => {
  const source = "type Row = { a: number };\n\nexport const client = () => {\n  throw new Error('no');\n};\n";
  const real = await bundlePolicy("real", source);
  const mapper = createStackMapper(real);
  const at = real.code.split("\n").findIndex((line) => line.includes("throw")) + 1;
  const column = real.code.split("\n")[at - 1]!.indexOf("new") + 1;
  const stack = `Error: no\n    at client (framegate-policy:real:${at}:${column})\n    at start (guest:1:2)\nmore`;
  t.is(mapper.mapStack(stack), "Error: no\n    at client (real.ts:4:9)");
});

test("a stack that a policy wrote itself is told as well as can be, and nothing is thrown", (t) => {
  const mapper = createStackMapper({ ...bundle, sourceMap: JSON.stringify(MAP) });
  const place = (line: string, column: string) => `E\n    at f (framegate-policy:p:${line}:${column})`;
  t.is(mapper.mapStack(place("0", "1")), "E\n    at f (/policies/p.ts:0:1)");
  t.is(mapper.mapStack(place("1", "0")), "E\n    at f (p.ts:1:1)");
  t.is(mapper.mapStack(place("999999999", "999999999")), "E\n    at f (/policies/p.ts:999999999:999999999)");
  t.is(mapper.mapStack(place("1".repeat(400), "1")), "E");
  const anything = fc.array(
    fc.oneof(
      fc.constantFrom("\n", "    at ", " (", "framegate-policy:p:", ":", "0", "-1", "7e9", ")"),
      fc.string(),
    ),
  );
  fc.assert(
    fc.property(anything, (parts) => {
      const text = parts.join("");
      t.is(typeof mapper.mapStack(text), "string");
      const found = mapper.findPlace(text);
      if (found !== undefined) t.is(typeof mapper.codeFrame(found), "string");
    }),
  );
});

test("a stack of thousands of lines costs no more than reading it", (t) => {
  const mapper = createStackMapper(bundle);
  let tests = 0;
  const { test: original } = RegExp.prototype;
  RegExp.prototype.test = function (text) {
    tests++;
    return original.call(this, text);
  };
  t.teardown(() => {
    RegExp.prototype.test = original;
  });
  t.is(mapper.mapStack("\n".repeat(8000)).length, 8000);
  t.true(mapper.mapStack("    at framegate-policy:p:1:1\n".repeat(8000)).split("\n").length <= 32);
  RegExp.prototype.test = original;
  t.true(tests < 20_000, `${tests}`);
});

test("a map that is none, or is forged, leaves the places as they are in the bundle", (t) => {
  const forged = [
    "",
    "nonsense",
    "5",
    "null",
    "[]",
    '{"mappings":5,"sources":{}}',
    JSON.stringify({ ...MAP, sources: [5] }),
    JSON.stringify({ ...MAP, mappings: "A9gggB" }),
    JSON.stringify({ ...MAP, mappings: `${";".repeat(9 * 1024 * 1024)}AAAA` }),
  ];
  for (const sourceMap of forged) {
    const mapper = createStackMapper({ ...bundle, sourceMap });
    const place = mapper.findPlace("framegate-policy:p:1:1");
    t.deepEqual(place, { file: "/policies/p.ts", line: 1, column: 1 }, sourceMap.slice(0, 40));
    t.is(mapper.codeFrame(place!), "");
  }
});

test("a line of the author's that is too long to be shown is cut", (t) => {
  const map = { ...MAP, sourcesContent: ["x".repeat(100_000)], mappings: "AAAA,o9gBAAo9gB" };
  const mapper = createStackMapper({ ...bundle, sourceMap: JSON.stringify(map) });
  t.true(mapper.codeFrame(mapper.findPlace("framegate-policy:p:1:1")!).length < 1000);
  t.true(mapper.codeFrame({ file: "p.ts", line: 1, column: 90_000 }).length < 1000);
});
