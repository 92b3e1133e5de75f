import { fileURLToPath } from "node:url";
import { parseBounded } from "./bounded-json.ts";
import type { PolicyBundle } from "./contract.ts";
import { type Mappings, readMappings } from "./mappings.ts";

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Turns places in the bundle into places in the author's files. Stacks are what a policy says, and maps what a pack
 * brings: whatever they hold, nothing here throws, and all of it takes little time.
 */
export interface StackMapper {
  /** The stack with the author's files and lines; other frames are cut off, those of the gateway's helpers where any is the author's. */
  mapStack(stack: string): string;
  /** Its frames alone. */
  mapFrames(stack: string): readonly string[];
  /** The first place of the author's that a text names, an error's message or stack; else the first of the policy. */
  findPlace(text: string): SourcePlace | undefined;
  /** A few lines of the author's, with a caret. */
  codeFrame(place: SourcePlace): string;
}

interface AuthorMap {
  readonly sources: readonly unknown[];
  readonly contents: readonly unknown[];
  readonly mappings: Mappings;
}

const LINES_AROUND = 2;
/** Of a line of the author's that is shown, and of the name of a file or function. */
const MAX_SHOWN = 400;
/** V8 writes ten. What is longer was written by the policy. */
const MAX_FRAMES = 32;
/** A larger one is not read: its JSON alone would hold up all traffic. Places are then those of the bundle. */
const MAP_BOUNDS = { length: 8 * 1024 * 1024, values: 50_000 };
const FRAME = /^\s+at /;
/** Lenses and other helpers of the gateway's that a policy is bundled with. */
const ownPolicies = fileURLToPath(new URL("../policies/", import.meta.url));

/** The name under which a policy's script is compiled. */
export function scriptName(policy: string): string {
  return `framegate-policy:${policy}`;
}

export function createStackMapper(bundle: PolicyBundle): StackMapper {
  let known: AuthorMap | undefined;
  const map = () => {
    known ??= readMap(bundle.sourceMap);
    return known;
  };
  // Numbers of so many digits are exact, and no place is further away.
  const place = new RegExp(`${escapeRegExp(scriptName(bundle.name))}:(\\d{1,9}):(\\d{1,9})(?!\\d)`, "g");
  const isOwn = ({ file }: SourcePlace) =>
    file.startsWith(ownPolicies) && !bundle.file.startsWith(ownPolicies);

  // In a stack lines and columns count from 1, in a source map from 0.
  function originalPlace(line: number, column: number): SourcePlace {
    const { mappings, sources } = map();
    const found = mappings.find(line - 1, Math.max(0, column - 1));
    const file = found && sources[found.source];
    if (found === undefined || typeof file !== "string") return { file: bundle.file, line, column };
    return { file: cut(file), line: found.line + 1, column: found.column + 1 };
  }

  function findPlace(text: string): SourcePlace | undefined {
    let first: SourcePlace | undefined;
    let seen = 0;
    for (const [, line, column] of text.matchAll(place)) {
      const found = originalPlace(Number(line), Number(column));
      if (!isOwn(found)) return found;
      first ??= found;
      if (++seen === MAX_FRAMES) break;
    }
    return first;
  }

  function mapFrames(stack: string): readonly string[] {
    const all: string[] = [];
    const authors: string[] = [];
    let frames = 0;
    for (const line of stack.split("\n")) {
      if (!FRAME.test(line)) continue;
      frames++;
      if (frames > MAX_FRAMES) break;
      const found = findPlace(line);
      if (!found) continue;
      const where = `${found.file}:${found.line}:${found.column}`;
      const name = /^\s+at (.+?) \(/.exec(line)?.[1];
      const shown = name ? `    at ${cut(name)} (${where})` : `    at ${where}`;
      all.push(shown);
      if (!isOwn(found)) authors.push(shown);
    }
    return authors.length > 0 ? authors : all;
  }

  return {
    findPlace,
    mapFrames,

    mapStack(stack) {
      const lines = stack.split("\n");
      const firstFrame = lines.findIndex((line) => FRAME.test(line));
      const message = firstFrame < 0 ? lines : lines.slice(0, firstFrame);
      return [...message, ...mapFrames(stack)].join("\n");
    },

    codeFrame({ file, line, column }) {
      const { sources, contents } = map();
      const content = contents[sources.indexOf(file)];
      if (typeof content !== "string") return "";
      const source = content.split("\n");
      const from = Math.max(1, line - LINES_AROUND);
      const to = Math.min(source.length, line + LINES_AROUND);
      const width = String(to).length;
      const out: string[] = [];
      for (let number = from; number <= to; number++) {
        const mark = number === line ? ">" : " ";
        out.push(`${mark} ${String(number).padStart(width)} | ${cut(source[number - 1] ?? "")}`.trimEnd());
        if (number === line && column <= MAX_SHOWN)
          out.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`);
      }
      return out.join("\n");
    },
  };
}

/** What is no map maps nothing. */
function readMap(json: string): AuthorMap {
  const { sources, sourcesContent, mappings } = parseSourceMap(json);
  return {
    sources: Array.isArray(sources) ? sources : [],
    contents: Array.isArray(sourcesContent) ? sourcesContent : [],
    mappings: readMappings(typeof mappings === "string" ? mappings : ""),
  };
}

/** What it holds is anybody's. Empty where it is none, or more than is read. */
export function parseSourceMap(json: string): { readonly [key: string]: unknown } {
  try {
    return Object(parseBounded(json, MAP_BOUNDS));
  } catch {
    return {};
  }
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
