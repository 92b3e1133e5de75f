/** A declaration of a file of types, with what its comment says. */
export interface Declaration {
  readonly name: string;
  /** The comment before it, without its stars; "" for none. */
  readonly text: string;
  /** As it stands in the file. */
  readonly code: string;
}

const DOC = /^\/\*\*(.*?)\*\/\s*$/s;
const HEAD = /^(?:export |declare )*(?:interface|type|function|var|const|class) (\w+)/;

/** The declarations at the top level of a file as our formatter leaves it: each ends where a line has closed all. */
export function readDeclarations(source: string): Declaration[] {
  const found: Declaration[] = [];
  const lines = source.split("\n");
  let text = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith("/**")) {
      const end = lines.findIndex((each, index) => index >= at && each.includes("*/"));
      text = cleanComment(lines.slice(at, end + 1).join("\n"));
      at = end;
      continue;
    }
    const name = HEAD.exec(line)?.[1];
    if (name === undefined) {
      if (line === "") text = "";
      continue;
    }
    const end = endOf(lines, at);
    found.push({ name, text, code: lines.slice(at, end + 1).join("\n") });
    text = "";
    at = end;
  }
  return found;
}

/** The line that closes the declaration: not indented, but for what stands on lines of its own after a `=`. */
function endOf(lines: readonly string[], start: number): number {
  const last = lines[start]!.endsWith("=") ? /^(?: {2})?\S.*;$/ : /^\S.*[;}]$|^}$/;
  const end = lines.findIndex((line, at) => at >= start && last.test(line));
  if (end === -1) throw new Error(`the declaration in line ${start + 1} has no end`);
  return end;
}

function cleanComment(comment: string): string {
  const inner = DOC.exec(comment)?.[1] ?? "";
  return inner
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join("\n")
    .trim();
}
