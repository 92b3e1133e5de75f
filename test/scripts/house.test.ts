import test from "ava";
import { findCircles } from "../../scripts/house/circles.ts";
import { findMisnamed } from "../../scripts/house/constants.ts";
import { findDoubleNames } from "../../scripts/house/double-names.ts";
import { readExports } from "../../scripts/house/exports.ts";
import { readImports } from "../../scripts/house/imports.ts";
import { readCallables } from "../../scripts/house/parameters.ts";
import { parse } from "../../scripts/house/parse.ts";
import { findCrowded, measureFolders } from "../../scripts/house/sizes.ts";

const importsOf = (text: string) => readImports("a/b.ts", parse("b.ts", text));

test("an import is found whatever way it is written, and nothing that only looks like one", (t) => {
  const cases: readonly (readonly [text: string, target: string, isType: boolean])[] = [
    ['import { x } from "./c.ts";', "a/c.ts", false],
    ['import "../c.ts";', "c.ts", false],
    ['import type { X } from "../d/c.ts";', "d/c.ts", true],
    ['import { type X } from "./c.ts";', "a/c.ts", false],
    ['export { x } from "./c.ts";', "a/c.ts", false],
    ['export type * from "./c.ts";', "a/c.ts", true],
    ['const x = () => import("./c.ts");', "a/c.ts", false],
    ['let x: import("./c.ts").X;', "a/c.ts", true],
    ['import { x } from "node:fs";', "node:fs", false],
  ];
  for (const [text, target, isType] of cases) {
    const isLazy = text.includes("=> import(");
    t.deepEqual(
      importsOf(text),
      [{ file: "a/b.ts", target, isOurs: target !== "node:fs", isType, isLazy }],
      text,
    );
  }
  t.deepEqual(importsOf('const code = `\nimport { x } from "./c.ts";\n`; // import("./d.ts")'), []);
});

test("a circle is found once, with all of its files and a shortest way round", (t) => {
  const arrows = ["ab", "bc", "ca", "cb", "cd", "de", "ff"].map(([file = "", target = ""]) => ({
    file,
    target,
  }));
  t.deepEqual(findCircles(arrows), [
    { files: ["a", "b", "c"], way: ["a", "b", "c", "a"] },
    { files: ["f"], way: ["f", "f"] },
  ]);
  t.deepEqual(findCircles(arrows.filter(({ target }) => target !== "c" && target !== "f")), []);
});

test("a name is double where two files make it, not where one hands on what another made", (t) => {
  const doubles = (files: Readonly<Record<string, string>>) =>
    findDoubleNames(
      new Map(Object.entries(files).map(([file, text]) => [file, readExports(file, parse(file, text))])),
    );
  t.deepEqual(
    doubles({
      "a.ts":
        "export interface One {} export const one = 1, { two, rest: [three] } = one; export default one;",
      "b.ts": 'export { type One, one } from "./a.ts"; export * from "./a.ts"; export default 2;',
      "c.ts":
        'import { two } from "./a.ts"; export { two }; export type four = string; export const four = "";',
    }),
    [],
  );
  t.deepEqual(
    doubles({
      "a.ts": "export class One {} export const other = 1;",
      "b.ts": "export interface One {}",
      "c.ts": 'export { other as One } from "./a.ts"; export * from "./b.ts";',
      "d.ts": "const [three] = []; export { three };",
      "e.ts": "export function three() {}",
    }),
    [
      { name: "One", files: ["a.ts", "b.ts"] },
      { name: "three", files: ["d.ts", "e.ts"] },
    ],
  );
});

test("what is called is known by its name, with the values that must stand in order", (t) => {
  const text = `function a(this: X, b: number, { c, d }: Y, ...e: Z[]) {}
class B { constructor(x: 1) {} #c(x: 1, y: 2) {} d = (x: 1) => {}; }
interface C { e(x: 1): void; readonly f: (x: 1, y: 2) => void }
const g = (x: 1) => () => x;
call(function (x: 1, y: 2) {});
`;
  t.deepEqual(
    readCallables(parse("a.ts", text), text).map(({ name, line, parameters }) => [name, line, parameters]),
    [
      ["a", 1, 3],
      ["B.constructor", 2, 1],
      ["B.#c", 2, 2],
      ["B.d", 2, 1],
      ["C.e", 3, 1],
      ["C.f", 3, 2],
      ["g", 4, 1],
      ["(no name)", 4, 0],
      ["(no name)", 5, 2],
    ],
  );
});

test("a constant is written down when nothing but what stands there makes it", (t) => {
  const written = [
    "1024 * 1024",
    "-1",
    `\`a \${LIMIT}\``,
    "/a/g",
    "[1, 'a', [null]] as const",
    "{ a: 1, b: { c: LIMIT } } satisfies X",
    "new Set(['a', ...NAMES])",
    "Object.freeze({ a: true })",
    "Number.MAX_SAFE_INTEGER",
    "TABLE.row",
  ];
  const other = [
    "() => 1",
    "z.string()",
    "{ a: () => 1 }",
    "[first]",
    "new Map()",
    "process.env.A",
    "Object.keys(TABLE)",
    "await load()",
    "new TextEncoder()",
    "JSON as X",
  ];
  const expected = (name: string, value: string) => {
    const text = `export const ${name} = ${value};`;
    return findMisnamed(parse("a.ts", text), text).map((each) => each.expected);
  };
  for (const value of written) {
    t.deepEqual(expected("longestLine", value), ["UPPER_CASE"], value);
    t.deepEqual(expected("LONGEST_LINE", value), [], value);
  }
  for (const value of other) {
    t.deepEqual(expected("LONGEST_LINE", value), ["camelCase"], value);
    t.deepEqual(expected("longestLine", value), [], value);
  }
  const text = "let a = 1; const { b } = { b: 1 }; function f() { const c = 1; }";
  t.deepEqual(findMisnamed(parse("a.ts", text), text), []);
});

test("folders are measured with all that is below them, and crowded by what is in them alone", (t) => {
  const files = [
    { path: "a/x.ts", lines: 5 },
    { path: "a/y.ts", lines: 1 },
    { path: "a/b/z.ts", lines: 9 },
    { path: "ab/z.ts", lines: 100 },
  ];
  t.deepEqual(measureFolders(files, ["a", "a/b", "c"]), [
    { folder: "a", files: 3, median: 5, largest: 9 },
    { folder: "a/b", files: 1, median: 9, largest: 9 },
    { folder: "c", files: 0, median: 0, largest: 0 },
  ]);
  t.deepEqual(
    findCrowded(
      files.map(({ path }) => path),
      1,
    ),
    new Map([["a", 2]]),
  );
});

test("what cannot be parsed is told with its file", (t) => {
  t.throws(() => parse("a/b.ts", "const = 1;"), { message: /^a\/b\.ts cannot be parsed: / });
});
