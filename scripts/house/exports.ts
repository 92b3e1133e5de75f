import type { BindingPattern, Declaration, ModuleExportName, Program } from "oxc-parser";
import { resolveImport } from "./imports.ts";

/** A name that a module gives out. */
export interface ExportedName {
  /** `*` for all that the other module gives out. */
  readonly name: string;
  /** Where it comes from, when it is handed on. */
  readonly from?: { readonly target: string; readonly name: string };
}

/** The names that a file exports, each once; `default` is none. */
export function readExports(file: string, program: Program): readonly ExportedName[] {
  const imported = readImportedNames(file, program);
  const found = new Map<string, ExportedName>();
  const add = (name: string, from?: ExportedName["from"]) => {
    if (name !== "default") found.set(name, { name, ...(from && { from }) });
  };
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      const target = resolveImport(file, statement.source.value);
      if (statement.exported === null)
        found.set(`* of ${target}`, { name: "*", from: { target, name: "*" } });
      else add(nameOf(statement.exported), { target, name: "*" });
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const name of statement.declaration ? declaredNames(statement.declaration) : []) add(name);
    for (const { local, exported } of statement.specifiers) {
      const source = statement.source?.value;
      const from = source
        ? { target: resolveImport(file, source), name: nameOf(local) }
        : imported.get(nameOf(local));
      add(nameOf(exported), from);
    }
  }
  return [...found.values()];
}

function readImportedNames(file: string, program: Program): ReadonlyMap<string, ExportedName["from"]> {
  const imported = new Map<string, ExportedName["from"]>();
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    const target = resolveImport(file, statement.source.value);
    for (const specifier of statement.specifiers) {
      const name = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : "*";
      imported.set(specifier.local.name, { target, name });
    }
  }
  return imported;
}

function declaredNames(declaration: Declaration): readonly string[] {
  if (declaration.type === "VariableDeclaration")
    return declaration.declarations.flatMap(({ id }) => boundNames(id));
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
}

function boundNames(pattern: BindingPattern): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "ObjectPattern":
      return pattern.properties.flatMap((each) =>
        boundNames(each.type === "RestElement" ? each.argument : each.value),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((each) =>
        each === null ? [] : boundNames(each.type === "RestElement" ? each.argument : each),
      );
  }
}

function nameOf(node: ModuleExportName): string {
  return node.type === "Literal" ? node.value : node.name;
}
