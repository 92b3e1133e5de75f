import { LineCounter, parseDocument } from "yaml";
import { ConfigError } from "../errors.ts";
import { drawCodeFrame } from "./code-frame.ts";

export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = (cause as Error).message.replace(/ in JSON.*$/s, "");
    throw unreadable(
      file,
      text,
      positionOf((cause as Error).message, text),
      `not valid JSON: ${reason}`,
      cause,
    );
  }
}

/** YAML 1.2, so `no` and `off` are text, not booleans. */
export function parseYaml(file: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw unreadable(file, text, { line, column: col }, `not valid YAML: ${problem.message}`, problem);
  }
  try {
    return document.toJS();
  } catch (cause) {
    throw unreadable(
      file,
      text,
      { line: 1, column: 1 },
      `not valid YAML: ${(cause as Error).message}`,
      cause,
    );
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
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function unreadable(
  file: string,
  text: string,
  { line, column }: Position,
  problem: string,
  cause: unknown,
): ConfigError {
  const message = `${file}:${line}:${column}: ${problem}\n\n${drawCodeFrame(text, line, column)}`;
  return new ConfigError("ERR_CONFIG_UNREADABLE", message, { cause });
}
