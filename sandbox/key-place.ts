import { type CodeText, CodeWalk, isNamePart, isQuote } from "./code-walk.ts";

export interface WrittenKey {
  readonly key: string;
  /** The key behind which the object with it stands, "" where a hook returns that object. Undefined: it is not known. */
  readonly around?: string | undefined;
}

/** As the keys of verdicts are: what else a policy may have for a key is not looked for. */
const NAME = /^[\w$-]{1,64}$/;

/**
 * Says nothing rather than what may be wrong: if the key is set in another way as well (`close.code = 1`, `close["code"]`,
 * `["code", 1]`), or there is so much code that it is given up, it is in no place.
 *
 * @returns where in the code an object has this key, if it stands in one place alone
 */
export function findWrittenKey(code: CodeText, { key, around }: WrittenKey): number | undefined {
  if (!NAME.test(key)) return undefined;
  const walk = new CodeWalk(code);
  let only: number | undefined;
  for (let at = walk.find(key, 0); at !== -1; at = walk.find(key, at + key.length)) {
    const { use, from } = readUse(walk, at, key);
    if (use === "set") return undefined;
    if (use !== "key" || !isInside(walk, from, around) || takesApart(walk, from)) continue;
    if (only !== undefined) return undefined;
    only = from;
  }
  return walk.isOver ? undefined : only;
}

interface Use {
  /** `key`: of an object that is written there. `set`: perhaps of one that is made elsewhere. */
  readonly use: "key" | "set" | "other";
  /** With its quote. */
  readonly from: number;
}

function readUse(walk: CodeWalk, at: number, key: string): Use {
  const end = at + key.length;
  const [first, last] = [walk.at(at - 1), walk.at(end)];
  const isQuoted = isQuote(first) && first === last;
  const from = isQuoted ? at - 1 : at;
  if (!isQuoted && (isNamePart(first) || isNamePart(last))) return { use: "other", from };
  const before = walk.at(walk.skipBlanks(from - 1, -1));
  const next = walk.skipBlanks(isQuoted ? end + 1 : end, 1);
  const after = walk.at(next);
  const isListed = before === "{" || before === ",";
  if (isListed && (after === ":" || (!isQuoted && (after === "," || after === "}"))))
    return { use: "key", from };
  const isValue = isListed || before === "[" || before === "(";
  return { use: (isQuoted ? isValue : before === "." && isAssigned(walk, next)) ? "set" : "other", from };
}

/** Whether an `=` of any kind is there. */
function isAssigned(walk: CodeWalk, at: number): boolean {
  const signs = walk.at(at) + walk.at(at + 1) + walk.at(at + 2) + walk.at(at + 3);
  return /^(?:[-+*/%&|^]|&&|\|\||\?\?)?=(?!=)/.test(signs);
}

function isInside(walk: CodeWalk, key: number, around: string | undefined): boolean {
  if (around === undefined) return true;
  const brace = walk.findOpen(key);
  if (walk.at(brace) !== "{") return false;
  const sign = walk.skipBlanks(brace - 1, -1);
  if (around === "") return isReturned(walk, sign);
  return (walk.at(sign) === ":" || walk.at(sign) === "=") && walk.wordBefore(sign - 1).text === around;
}

/** Whether a hook may return the object that stands behind this sign: it is no argument, no element, and no value of a key. */
function isReturned(walk: CodeWalk, at: number): boolean {
  const sign = walk.at(at);
  const word = walk.wordBefore(at - 1);
  if (sign === "=" || sign === ">" || sign === "?" || sign === "&" || sign === "|") return true;
  if (sign === "(") return word.text === "return" || walk.at(word.from) === ">";
  // Of `a ? b : {…}`.
  if (sign === ":")
    return (
      walk.at(word.from) === ")" ||
      walk.at(word.from) === "}" ||
      walk.at(walk.skipBlanks(word.from - 1, -1)) === "?"
    );
  return walk.wordBefore(at).text === "return";
}

/** Whether the key is part of a pattern: the parameter of a function, or on the left side of an assignment. */
function takesApart(walk: CodeWalk, key: number): boolean {
  const end = walk.findClose(key);
  if (end === -1) return false;
  const next = walk.skipBlanks(end + 1, 1);
  if (walk.at(next) === "=") return walk.at(next + 1) !== "=" && walk.at(next + 1) !== ">";
  if (walk.at(next) !== ")") return false;
  const body = walk.skipBlanks(next + 1, 1);
  return walk.at(body) === "{" || walk.at(body) + walk.at(body + 1) === "=>";
}
