import { dirname, join, normalize } from "node:path";
import type { Program } from "oxc-parser";
import { walk } from "./parse.ts";

export interface ImportStatement {
  /** The importing file, from the root of the tree: `core/gateway.ts`. */
  readonly file: string;
  /** A file from the root of the tree, or what the package or Node module is called. */
  readonly target: string;
  readonly isOurs: boolean;
  /** Gone when the types are stripped. */
  readonly isType: boolean;
  /** Loaded when it is come to, if ever: `import(…)`. */
  readonly isLazy: boolean;
}

/** Whatever way a file takes in another: `import`, `export … from`, `import(…)` as a value and as a type. */
export function readImports(file: string, program: Program): readonly ImportStatement[] {
  const found: ImportStatement[] = [];
  const add = (name: string, isType: boolean, isLazy = false) => {
    const isOurs = name.startsWith(".");
    found.push({ file, target: isOurs ? resolveImport(file, name) : name, isOurs, isType, isLazy });
  };
  walk(program, (node) => {
    switch (node.type) {
      case "ImportDeclaration":
        return add(node.source.value, node.importKind === "type");
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
        return node.source && add(node.source.value, node.exportKind === "type");
      case "TSImportType":
        return add(node.source.value, true);
      case "ImportExpression":
        if (node.source.type === "Literal" && typeof node.source.value === "string")
          return add(node.source.value, false, true);
    }
  });
  return found;
}

/** The file that `name` means in `file`, both from the root of the tree. */
export function resolveImport(file: string, name: string): string {
  return normalize(join(dirname(file), name));
}
