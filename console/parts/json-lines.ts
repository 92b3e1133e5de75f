export type TokenType = "key" | "text" | "number" | "word" | "mark";
export interface Token {
  readonly type: TokenType;
  readonly text: string;
}
export interface JsonLine {
  readonly depth: number;
  readonly tokens: readonly Token[];
  /** Index of the line that closes what this one opens; undefined when it opens nothing. */
  readonly end?: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/g;

/**
 * JSON as lines, indented. The literals stay as they were written: a number beyond 2^53 keeps its digits, a key that
 * comes twice is shown twice. Undefined when the text is no JSON object or array.
 */
export function toJsonLines(text: string): readonly JsonLine[] | undefined {
  if (!/^\s*[[{]/.test(text) || !isJson(text)) return undefined;
  const lines: { depth: number; tokens: Token[]; end?: number }[] = [];
  const open: number[] = [];
  let line: { depth: number; tokens: Token[]; end?: number } = { depth: 0, tokens: [] };
  const breakLine = () => {
    if (line.tokens.length > 0) lines.push(line);
    line = { depth: open.length, tokens: [] };
  };
  const found = text.match(TOKEN) ?? [];
  found.forEach((part, index) => {
    const next = found[index + 1];
    if (part === "{" || part === "[") {
      line.tokens.push({ type: "mark", text: part });
      if (next === "}" || next === "]") return;
      open.push(lines.length);
      breakLine();
    } else if (part === "}" || part === "]") {
      const before = found[index - 1];
      if (before !== "{" && before !== "[") {
        const start = open.pop()!;
        breakLine();
        line.depth = open.length;
        lines[start]!.end = lines.length;
      }
      line.tokens.push({ type: "mark", text: part });
    } else if (part === ",") {
      line.tokens.push({ type: "mark", text: "," });
      breakLine();
    } else if (part === ":") line.tokens.push({ type: "mark", text: ": " });
    else line.tokens.push({ type: typeOf(part, next), text: part });
  });
  breakLine();
  return lines;
}

export function toPrettyText(text: string): string {
  const lines = toJsonLines(text);
  if (lines === undefined) return text;
  return lines
    .map(({ depth, tokens }) => "  ".repeat(depth) + tokens.map((one) => one.text).join(""))
    .join("\n");
}

function typeOf(part: string, next: string | undefined): TokenType {
  if (part.startsWith('"')) return next === ":" ? "key" : "text";
  return /^[-\d]/.test(part) ? "number" : "word";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
