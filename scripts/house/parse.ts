import { type Node, type Program, parseSync, visitorKeys } from "oxc-parser";

/** The syntax tree of a file of TypeScript. Throws what the parser finds wrong, naming the file. */
export function parse(file: string, text: string): Program {
  const { program, errors } = parseSync(file, text, { preserveParens: false });
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  return program;
}

/** Calls `visit` with every node below `node`, from the outside in, and with the nodes around it, the nearest first. */
export function walk(
  node: Node,
  visit: (node: Node, around: readonly Node[]) => void,
  around: readonly Node[] = [],
): void {
  visit(node, around);
  const inside = [node, ...around];
  for (const key of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Readonly<Record<string, Node | readonly (Node | null)[] | null>>)[key];
    for (const each of [child ?? []].flat()) if (each !== null) walk(each as Node, visit, inside);
  }
}
