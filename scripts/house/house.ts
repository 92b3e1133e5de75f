import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findMisnamed, type Misnamed } from "./constants.ts";
import { type ExportedName, readExports } from "./exports.ts";
import { type ImportStatement, readImports } from "./imports.ts";
import { type Callable, readCallables } from "./parameters.ts";
import { parse } from "./parse.ts";

/** What there is to know of a file of the tree. */
export interface HouseFile {
  /** From the root of the tree: `core/gateway.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly ImportStatement[];
  readonly exports: readonly ExportedName[];
  readonly callables: readonly Callable[];
  readonly misnamed: readonly Misnamed[];
}

/** Reads the source files in these folders of a checkout, sorted by path; what was built is none of them. */
export function readHouse(root: string, folders: readonly string[]): readonly HouseFile[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.{ts,tsx,css}`),
    { cwd: root, exclude: ["**/dist/**", "**/node_modules/**"] },
  )
    .toSorted()
    .map((path) => readFile(path, readFileSync(join(root, path), "utf8")));
}

function readFile(path: string, text: string): HouseFile {
  const lines = text.split("\n").length - 1;
  if (path.endsWith(".css")) return { path, lines, imports: [], exports: [], callables: [], misnamed: [] };
  const program = parse(path, text);
  return {
    path,
    lines,
    imports: readImports(path, program),
    exports: readExports(path, program),
    callables: readCallables(program, text),
    misnamed: findMisnamed(program, text),
  };
}
