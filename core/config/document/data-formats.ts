import type { Node } from "yaml";
import { ConfigError } from "../errors.ts";
import { drawCodeFrame } from "./code-frame.ts";

export function parseJsonFile(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const { message } = cause as Error;
    const problem = `not valid JSON: ${message.replace(/ in JSON.*$/s, "")}`;
    throw unreadable({ file, text }, { ...positionOf(message, text), problem, cause });
  }
}

/** YAML 1.2, so `no` and `off` are text, not booleans. */
export async function parseYamlFile(file: string, text: string): Promise<unknown> {
  // Most configs are of another format, and the parser is 70 modules.
  const { isScalar, LineCounter, parseDocument, visit } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    const problem = `not valid YAML: ${fault.message}`;
    throw unreadable({ file, text }, { line, column: col, problem, cause: fault });
  }
  // Made text of, those that stand in each other would take for ever.
  visit(document, {
    Pair(_, { key }) {
      if (key === null || (isScalar(key) && !(key.value instanceof Object))) return;
      const { line, col } = lines.linePos((key as Node).range?.[0] ?? 0);
      const problem = "not valid here: expected the names of options, got a list or an object as one";
      throw unreadable({ file, text }, { line, column: col, problem, cause: undefined });
    },
  });
  try {
    return document.toJS();
  } catch (cause) {
    const problem = `not valid YAML: ${(cause as Error).message}`;
    throw unreadable({ file, text }, { line: 1, column: 1, problem, cause });
  }
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** V8 names the place as "at position 12"; at the end of the text it names none. */
function positionOf(message: string, text: string): Position {
  const at = /at position (\d+)/.exec(message)?.[1];
  const before = text.slice(0, at === undefined ? text.trimEnd().length : Number(at)).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function unreadable(
  { file, text }: { readonly file: string; readonly text: string },
  { line, column, problem, cause }: Position & { readonly problem: string; readonly cause: unknown },
): ConfigError {
  const message = `${file}:${line}:${column}: ${problem}\n\n${drawCodeFrame(text, line, column)}`;
  return new ConfigError("ERR_CONFIG_UNREADABLE", message, { cause });
}
