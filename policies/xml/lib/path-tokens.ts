/** The words of a path, one after the other. */
export interface PathTokens {
  /** The next one; empty at the end. */
  readonly next: string;
  /** Whether this is next, and a parenthesis after it. */
  isCall(name: string): boolean;
  /** Goes on, and gives what was next. */
  take(): string;
  /** Goes on if this is next. */
  takeIf(token: string): boolean;
  /** Goes on, or throws when something else is next. */
  expect(token: string): void;
  fail(expected: string): never;
}

const TOKEN = /\s*(\/\/?|!=|[@[\]()=*:]|"[^"]*"|'[^']*'|[\p{L}_][\p{L}\p{M}\p{N}_.·-]*|$)/uy;

export const NAME = /^[\p{L}_]/u;

/** Throws a SyntaxError that has the path, and what is wrong where. */
export function readPathTokens(path: string): PathTokens {
  const pattern = new RegExp(TOKEN);
  let next = "";
  let start = 0;
  const fail = (expected: string): never => {
    const found = path.slice(start).trim() === "" ? "its end" : `\`${path.slice(start, start + 20)}\``;
    throw new SyntaxError(`"${path}" is no path that can be hidden: expected ${expected}, got ${found}`);
  };
  const advance = () => {
    start = pattern.lastIndex;
    const found = pattern.exec(path);
    if (found === null) {
      fail("a name, `*`, `@` or `text()`, and in conditions a text in quotes");
    } else {
      next = found[1]!;
      start = pattern.lastIndex - next.length;
    }
  };
  const take = () => {
    const taken = next;
    advance();
    return taken;
  };
  advance();
  return {
    get next() {
      return next;
    },
    isCall: (name) => next === name && path.slice(pattern.lastIndex).trimStart().startsWith("("),
    take,
    takeIf(token) {
      if (next !== token) return false;
      advance();
      return true;
    },
    expect(token) {
      if (next !== token) fail(`\`${token}\``);
      advance();
    },
    fail,
  };
}
