import type { Node, ParamPattern, Program } from "oxc-parser";
import { walk } from "./parse.ts";

export interface Callable {
  /** Of the function, or of what it is put into; `Socket.constructor`. */
  readonly name: string;
  readonly line: number;
  /** How many values must stand in the right order; `this` is none. */
  readonly parameters: number;
}

/** All functions, methods and constructors of a file, and the types of such. */
export function readCallables(program: Program, text: string): readonly Callable[] {
  const found: Callable[] = [];
  walk(program, (node, around) => {
    if (!("params" in node) || !Array.isArray(node.params)) return;
    const params = (node.params as readonly ParamPattern[]).filter(
      (each) => !(each.type === "Identifier" && each.name === "this"),
    );
    const line = text.slice(0, node.start).split("\n").length;
    found.push({ name: nameOf(node, around), line, parameters: params.length });
  });
  return found;
}

/** The class or interface of a member stands before its name. */
function nameOf(node: Node, around: readonly Node[]): string {
  const [parent, second, third] = around.filter(({ type }) => type !== "TSTypeAnnotation");
  const name = ownName(node) ?? (parent && ownName(parent)) ?? "(no name)";
  if (isBody(parent)) return withOwner(second, name);
  return isBody(second) ? withOwner(third, name) : name;
}

function isBody(node: Node | undefined): boolean {
  return node?.type === "ClassBody" || node?.type === "TSInterfaceBody";
}

function withOwner(owner: Node | undefined, name: string): string {
  const ownerName = owner && ownName(owner);
  return ownerName === undefined ? name : `${ownerName}.${name}`;
}

function ownName(node: Node): string | undefined {
  const name = "id" in node && node.id ? node.id : "key" in node ? node.key : undefined;
  if (name?.type === "PrivateIdentifier") return `#${name.name}`;
  return name?.type === "Identifier" ? name.name : undefined;
}
