/** What is read of code: no more than this of a string. */
export type CodeText = Pick<string, "charAt" | "indexOf">;

/** Of one walk, in characters: a few milliseconds. */
const MAX_STEPS = 50_000;
/** Side by side, between two signs. */
const MAX_BLANKS = 64;
const MAX_WORD = 64;
/** Of an object, before a key or behind it. */
const MAX_REACH = 4096;

/**
 * Goes through code by hand. Whoever wrote the code chose what is looked for as well, so that each way has its end, and all of
 * them together: past that nothing is there any more. -1: not found, or not within reach.
 */
export class CodeWalk {
  readonly #code: CodeText;
  #steps = 0;

  constructor(code: CodeText) {
    this.#code = code;
  }

  get isOver(): boolean {
    return this.#steps >= MAX_STEPS;
  }

  find(text: string, from: number): number {
    return this.#step() ? this.#code.indexOf(text, from) : -1;
  }

  /** The character there; "" past the ends. */
  at(index: number): string {
    return this.#step() ? this.#code.charAt(index) : "";
  }

  /** Where the next is that is not blank, from here on. */
  skipBlanks(from: number, by: 1 | -1): number {
    for (let index = from; index * by <= from * by + MAX_BLANKS; index += by)
      if (!isBlank(this.at(index))) return index;
    return -1;
  }

  /** A name or quoted one, with blanks behind it; "" where none ends there, `from` is what ends there then. */
  wordBefore(index: number): { readonly text: string; readonly from: number } {
    const end = this.skipBlanks(index, -1);
    const isQuoted = isQuote(this.at(end));
    let from = isQuoted ? end : end + 1;
    let text = "";
    for (let sign = this.at(from - 1); isNamePart(sign) && text.length < MAX_WORD; sign = this.at(from - 1)) {
      text = sign + text;
      from--;
    }
    if (text === "") return { text, from: end };
    return { text, from: isQuoted ? from - 1 : from };
  }

  /** The bracket that is open there. */
  findOpen(index: number): number {
    let closed = 0;
    for (let at = index - 1; at >= Math.max(0, index - MAX_REACH); at--) {
      const sign = this.at(at);
      if (isQuote(sign) || sign === "`") at = this.#beforeString(at, sign);
      else if (sign === "}" || sign === "]" || sign === ")") closed++;
      else if ((sign === "{" || sign === "[" || sign === "(") && closed-- === 0) return at;
    }
    return -1;
  }

  /** The next curly bracket that closes. */
  findClose(index: number): number {
    for (let at = index; at < index + MAX_REACH; at++) if (this.at(at) === "}") return at;
    return -1;
  }

  #step(): boolean {
    if (this.isOver) return false;
    this.#steps++;
    return true;
  }

  /** Where the string begins that ends there; where it ends if it is none: an apostrophe of a comment. */
  #beforeString(end: number, quote: string): number {
    for (let at = end - 1; at >= Math.max(0, end - MAX_REACH); at--) {
      const sign = this.at(at);
      if (sign === "\n" && quote !== "`") return end;
      if (sign === quote && this.at(at - 1) !== "\\") return at;
    }
    return end;
  }
}

export function isQuote(sign: string): boolean {
  return sign === '"' || sign === "'";
}

export function isNamePart(sign: string): boolean {
  return /^[\w$]$/.test(sign);
}

function isBlank(sign: string): boolean {
  return sign === " " || sign === "\n" || sign === "\t" || sign === "\r";
}
