import { readFile } from "node:fs/promises";
import { findKey } from "../sandbox/key-place.ts";
import { refuseGlobal, refuseImport } from "./bundle/foreign-imports.ts";

export interface TypeProblem {
  /** Absolute path. */
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** `TS2322` */
  readonly code: string;
  /** May have several lines: the reasons below the first, indented. */
  readonly message: string;
}

/** The compiler's words are for any program; those that come back are for the author of a policy. */
export async function reword(problem: TypeProblem): Promise<TypeProblem> {
  const { message } = problem;
  const foreign = /^Cannot find (?:module|name) '([^']+)'/.exec(message)?.[1];
  const refusal = foreign && (refuseImport(foreign) ?? refuseGlobal(foreign, message));
  if (refusal) return { ...problem, message: refusal };
  const open = /Index signature for type '[^']+' is missing in type '([^']+)'/.exec(message)?.[1];
  if (open !== undefined && message.includes("Verdict"))
    return {
      ...problem,
      message: `what is returned is a \`${open}\`, an interface, which may have more keys than a verdict has: make it a \`type\``,
    };
  return hasWrongKey(problem) ? nameKey(problem) : problem;
}

const NO_SUCH_KEY = /NoSuchKey<"(\w+)", "([^"]*)">/;

export function hasWrongKey({ message }: Pick<TypeProblem, "message">): boolean {
  return NO_SUCH_KEY.test(message);
}

/** Says which key is none, and where it stands, which the compiler says of an object alone that is returned at once. */
async function nameKey(problem: TypeProblem): Promise<TypeProblem> {
  const { file, line, column, message } = problem;
  const [, verdict, advice] = NO_SUCH_KEY.exec(message) as unknown as [string, string, string];
  const text = await readFile(file, "utf8").catch(() => "");
  const told = [...message.matchAll(/Property '([^']+)' is incompatible with index signature/g)].at(-1)?.[1];
  const there = text.split("\n")[line - 1]?.slice(column - 1) ?? "";
  const key = told ?? /^["']?([\w$-]+)/.exec(there)?.[1] ?? "";
  const found = told === undefined ? undefined : findKey(text, told);
  const before = found === undefined ? undefined : text.slice(0, found).split("\n");
  return {
    ...problem,
    ...(before && { line: before.length, column: before.at(-1)!.length + 1 }),
    message: `a \`${verdict}\` has no key \`${key}\`; ${advice}`,
  };
}
