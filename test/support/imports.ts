import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export interface ImportStatement {
  /** The importing file, from the root of the tree: `core/gateway.ts`. */
  readonly file: string;
  /** A file from the root of the tree, or what the package or Node module is called. */
  readonly target: string;
  readonly isOurs: boolean;
  /** Gone when the types are stripped. */
  readonly isType: boolean;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** `import … from "x"`, `export … from "x"` and `import "x"` at the start of a line, `import("x")` anywhere. */
const STATIC = /^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\("([^"]+)"\)/g;

/** The source files in these folders of the tree, sorted. */
export function findSources(folders: readonly string[]): readonly string[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  ).toSorted();
}

export function readImports(file: string): readonly ImportStatement[] {
  const source = readFileSync(join(root, file), "utf8");
  const found = [
    ...Array.from(source.matchAll(STATIC), ([, type, target]) => ({
      target: target!,
      isType: type !== undefined,
    })),
    ...Array.from(source.matchAll(DYNAMIC), ([, target]) => ({ target: target!, isType: false })),
  ];
  return found.map(({ target, isType }) => {
    const isOurs = target.startsWith(".");
    return { file, isType, isOurs, target: isOurs ? normalize(join(dirname(file), target)) : target };
  });
}

/** The cycles, each once, as the files on the way round. */
export function findCycles(imports: readonly ImportStatement[]): readonly (readonly string[])[] {
  const next = Map.groupBy(
    imports.filter(({ isOurs }) => isOurs),
    ({ file }) => file,
  );
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start !== -1) cycles.push([...path.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    for (const { target } of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return cycles;
}
