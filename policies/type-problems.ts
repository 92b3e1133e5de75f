import { readFile } from "node:fs/promises";
import { findWrittenKey } from "../sandbox/key-place.ts";
import { refuseGlobal, refuseImport } from "./bundle/foreign-imports.ts";

export interface TypeProblem {
  /** Absolute path. */
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** `TS2322`, of what is told in the compiler's words; "" otherwise. */
  readonly code: string;
  /** May have several lines: the reasons below the first, indented. */
  readonly message: string;
}

/** The compiler's words are for any program; those that come back are for the author of a policy. */
export async function reword(problem: TypeProblem): Promise<TypeProblem> {
  const { message } = problem;
  const foreign = /^Cannot find (?:module|name) '([^']+)'/.exec(message)?.[1];
  const refusal = foreign && (refuseGlobal(foreign, message) ?? refuseImport(foreign));
  if (refusal) return { ...problem, code: "", message: refusal };
  const open = /Index signature for type '[^']+' is missing in type '([^']+)'/.exec(message)?.[1];
  if (open !== undefined && message.includes("Verdict")) {
    const text = await readFile(problem.file, "utf8").catch(() => "");
    return { ...problem, code: "", message: wordOpenType(open, text) };
  }
  return NO_SUCH_KEY.test(message) ? nameKey(problem) : problem;
}

const NO_SUCH_KEY = /NoSuchKey<"(\w+)", "([^"]*)">/;

/** Whether the compiler says which key it is that no verdict has. */
export function namesWrongKey({ message }: Pick<TypeProblem, "message">): boolean {
  return NO_SUCH_KEY.test(message) && toldKey(message) !== undefined;
}

function toldKey(message: string): string | undefined {
  return [...message.matchAll(/Property '([^']+)' is incompatible with index signature/g)].at(-1)?.[1];
}

/** @param text where it is returned; what it is may stand in another file */
function wordOpenType(type: string, text: string): string {
  const name = /^[\w$]*/.exec(type)![0];
  const isKind = (kind: string) =>
    new RegExp(`\\b${kind} ${name.replaceAll("$", "\\$")}(?![\\w$])`).test(text);
  if (isKind("class"))
    return `what is returned is of the class \`${type}\`, and a verdict is made of plain objects: make it \`{ ...it }\``;
  if (isKind("interface"))
    return `what is returned is a \`${type}\`, an interface, which may have more keys than a verdict has: make it a \`type\``;
  return `what is returned is a \`${type}\`, which may have more keys than a verdict has: if it is an interface make it a \`type\`, else write its keys`;
}

/** Says which key is none, and where it stands, which the compiler says of an object alone that is returned at once. */
async function nameKey(problem: TypeProblem): Promise<TypeProblem> {
  const { file, line, column, message } = problem;
  const [, verdict, advice] = NO_SUCH_KEY.exec(message) as unknown as [string, string, string];
  const text = await readFile(file, "utf8").catch(() => "");
  const told = toldKey(message);
  const from = offsetOf(text, line, column);
  const key = told ?? keyAt(text.slice(from), message);
  const article = /^[AEIOU]/.test(verdict) ? "an" : "a";
  if (key === undefined)
    return {
      ...problem,
      code: "",
      message: `the keys of what is returned are not known here, and ${article} \`${verdict}\` has none but its own: write them, or say \`as ${verdict}\``,
    };
  const found = told === undefined ? from : findInStatement(text, from, told);
  const before = found === undefined ? undefined : text.slice(0, found).split("\n");
  return {
    ...problem,
    ...(before && { line: before.length, column: before.at(-1)!.length + 1 }),
    code: "",
    message: `${article} \`${verdict}\` has no key \`${key}\`; ${advice}`,
  };
}

/** The key at the place of the problem; undefined where none stands there, and what is wrong is what keys there may be. */
function keyAt(text: string, message: string): string | undefined {
  if (message.includes("index signatures are incompatible")) return undefined;
  return /^["']?([\w$-]+)["']?\s*[:,}]/.exec(text)?.[1];
}

function offsetOf(text: string, line: number, column: number): number {
  const before = text.split("\n").slice(0, line - 1);
  return before.join("\n").length + (before.length > 0 ? 1 : 0) + column - 1;
}

/** @param from its beginning; 0: it is not known which one */
function findInStatement(text: string, from: number, key: string): number | undefined {
  const next = from === 0 ? -1 : text.indexOf("\nexport ", from);
  const found = findWrittenKey(text.slice(from, next < 0 ? undefined : next), { key });
  // What it returns may have been made elsewhere.
  return found === undefined ? findWrittenKey(text, { key }) : from + found;
}
