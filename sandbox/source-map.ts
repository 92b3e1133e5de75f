import {
  originalPositionFor,
  type SourceMapInput,
  sourceContentFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import type { PolicyBundle } from "./contract.ts";

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Turns places in the bundle into places in the author's files. */
export interface StackMapper {
  /** The stack with the author's files and lines; frames of the host and the guest are cut off. */
  mapStack(stack: string): string;
  /** The first place of the policy that a text names: an error's message or stack. */
  findPlace(text: string): SourcePlace | undefined;
  /** A few lines of the author's, with a caret. */
  codeFrame(place: SourcePlace): string;
}

const LINES_AROUND = 2;

/** The name under which a policy's script is compiled. */
export function scriptName(policy: string): string {
  return `framegate-policy:${policy}`;
}

export function createStackMapper(bundle: PolicyBundle): StackMapper {
  let parsed: TraceMap | undefined;
  const map = () => {
    parsed ??= new TraceMap((bundle.sourceMap || EMPTY_MAP) as SourceMapInput);
    return parsed;
  };
  const place = new RegExp(`${escapeRegExp(scriptName(bundle.name))}:(\\d+):(\\d+)`);

  function originalPlace(line: number, column: number): SourcePlace {
    // In a stack columns count from 1, in a source map from 0.
    const found = originalPositionFor(map(), { line, column: Math.max(0, column - 1) });
    if (found.source === null) return { file: bundle.file, line, column };
    return { file: found.source, line: found.line, column: found.column + 1 };
  }

  function findPlace(text: string): SourcePlace | undefined {
    const match = place.exec(text);
    return match ? originalPlace(Number(match[1]), Number(match[2])) : undefined;
  }

  return {
    findPlace,

    mapStack(stack) {
      const lines: string[] = [];
      for (const line of stack.split("\n")) {
        if (!/^\s+at /.test(line)) {
          if (lines.every((known) => !/^\s+at /.test(known))) lines.push(line);
          continue;
        }
        const found = findPlace(line);
        if (!found) continue;
        const where = `${found.file}:${found.line}:${found.column}`;
        const name = /^\s+at (.+?) \(/.exec(line)?.[1];
        lines.push(name ? `    at ${name} (${where})` : `    at ${where}`);
      }
      return lines.join("\n");
    },

    codeFrame({ file, line, column }) {
      const content = map().sources.includes(file) ? sourceContentFor(map(), file) : null;
      if (!content) return "";
      const source = content.split("\n");
      const from = Math.max(1, line - LINES_AROUND);
      const to = Math.min(source.length, line + LINES_AROUND);
      const width = String(to).length;
      const out: string[] = [];
      for (let number = from; number <= to; number++) {
        const mark = number === line ? ">" : " ";
        out.push(`${mark} ${String(number).padStart(width)} | ${source[number - 1]}`.trimEnd());
        if (number === line) out.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`);
      }
      return out.join("\n");
    },
  };
}

const EMPTY_MAP = { version: 3, sources: [], names: [], mappings: "" };

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
