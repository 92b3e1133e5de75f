/**
 * Writes sandbox/contract/verdict-keys.ts: types by which a key that a verdict does not have is an error wherever it comes from.
 *
 * TypeScript looks for keys too many only where an object is written down for a type, and what an arrow function returns is not:
 * `const client: Message = () => ({ drop: true, replies: [] })` would compile. So each verdict has index signatures for all
 * names that are none of its keys: those that go on otherwise than each key (`repl…` and then no `y`), and those that end too soon.
 * They belong to what hooks return, and not to the verdicts' own types: `Partial` of thousands of signatures takes a compiler seconds.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readDeclarations } from "./declarations.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE = "sandbox/contract/verdict-keys.ts";

/** By the type that is named to authors: the declarations that it is made of. */
const VERDICTS: Readonly<Record<string, readonly string[]>> = {
  UpgradeVerdict: ["UpgradeVerdict"],
  UnavailableVerdict: ["UnavailableVerdict"],
  MessageVerdict: ["MessageVerdict"],
  TickVerdict: ["TickVerdict"],
  RenewVerdict: ["RenewVerdict"],
  CloseVerdict: ["CloseVerdict"],
  Rejection: ["Rejection"],
  Hold: ["Hold"],
  NewContent: ["NewContent", "ContentEdit"],
  NextTick: ["NextTick"],
};

const SMALL = "abcdefghijklmnopqrstuvwxyz";
const capitals = SMALL.toUpperCase();

export function renderVerdictKeys(): string {
  const declarations = readDeclarations(readFileSync(`${root}sandbox/policy-api.ts`, "utf8"));
  const types = Object.entries(VERDICTS).map(([verdict, names]) => {
    const code = declarations.filter(({ name }) => names.includes(name)).map((each) => each.code);
    const keys = [...code.join("\n").matchAll(/\breadonly (\w+)\??:/g)].map(([, key]) => key!);
    return renderType(verdict, [...new Set(keys)]);
  });
  return [
    "// Written by scripts/write-verdict-keys.ts from the verdicts in sandbox/policy-api.ts: edit those.",
    "// biome-ignore-all format: a script cannot know how long lines are broken",
    "",
    `type Small = ${[...SMALL].map(quote).join(" | ")};`,
    "type Letter = Small | Uppercase<Small>;",
    "",
    "declare const none: unique symbol;",
    "/** What no value is: the verdict has no such key. */",
    "export interface NoSuchKey<Verdict extends string, Advice extends string> { readonly [none]: [Verdict, Advice] }",
    ...types.flat(),
    "",
  ].join("\n");
}

function renderType(verdict: string, keys: readonly string[]): string[] {
  const groups = [...Map.groupBy(patternsOf(keys), ({ near }) => adviceOf(near, keys))].map(
    ([advice, patterns]) => ({ name: nameOf(verdict, patterns[0]!.near, keys), advice, patterns }),
  );
  return [
    "",
    ...groups.flatMap(({ name, advice, patterns }) => [
      `type ${name} = { readonly [_ in`,
      ...patterns.map(({ pattern }) => `  | \`${pattern}\``),
      `]?: NoSuchKey<${quote(verdict)}, ${quote(advice)}> };`,
    ]),
    `export type Only${verdict}Keys = ${groups.map(({ name }) => name).join(" & ")};`,
  ];
}

/** Errors name it. */
function nameOf(verdict: string, near: readonly string[], keys: readonly string[]): string {
  const names = isAnyOf(near, keys) ? ["Known"] : near.map((key) => key[0]!.toUpperCase() + key.slice(1));
  return `Not${names.join("Or")}Of${verdict}`;
}

interface Pattern {
  readonly pattern: string;
  /** What was begun. */
  readonly near: readonly string[];
}

function patternsOf(keys: readonly string[]): Pattern[] {
  const begun = new Set(
    keys.flatMap((key) => Array.from({ length: key.length + 1 }, (_, end) => key.slice(0, end))),
  );
  return [...begun].flatMap((begin) => {
    const near = keys.filter((key) => key.startsWith(begin));
    const next = new Set(near.flatMap((key) => key[begin.length] ?? []));
    const isKey = keys.includes(begin);
    const hasCapital = [...next].some((letter) => capitals.includes(letter));
    const letters = isKey || hasCapital ? "Letter" : "Small";
    const goesOn = next.size === 0 ? letters : `Exclude<${letters}, ${[...next].map(quote).join(" | ")}>`;
    const otherwise = { pattern: `${begin}\${${goesOn}}\${string}`, near };
    // With what is no small letter, or not at all.
    const endsEarly = { pattern: `${begin}\${Capitalize<string>}`, near };
    if (isKey) return [otherwise];
    return [otherwise, hasCapital ? { pattern: `\${string}${begin.slice(1)}`, near } : endsEarly];
  });
}

function adviceOf(near: readonly string[], keys: readonly string[]): string {
  if (isAnyOf(near, keys)) return `its keys are ${list(keys, "and")}`;
  return `did you mean ${list(near, "or")}?`;
}

function isAnyOf(near: readonly string[], keys: readonly string[]): boolean {
  return near.length > 3 || near.length === keys.length;
}

function list(names: readonly string[], word: "and" | "or"): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} ${word} ${quoted.at(-1)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(`${root}${FILE}`, renderVerdictKeys());
