import type { Expression, Node, Program } from "oxc-parser";

export interface Misnamed {
  readonly name: string;
  readonly line: number;
  /** What the style asks for. */
  readonly expected: "UPPER_CASE" | "camelCase";
}

const UPPER_CASE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/**
 * The constants of a module whose names do not tell what they are: what is written down in place is UPPER_CASE
 * (numbers, texts, patterns, and lists, tables and sums of such), all else is camelCase. PascalCase is for components.
 */
export function findMisnamed(program: Program, text: string): readonly Misnamed[] {
  const found: Misnamed[] = [];
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue;
    for (const { id, init, start } of declaration.declarations) {
      if (id.type !== "Identifier" || init === null) continue;
      const expected = isWrittenDown(init) ? "UPPER_CASE" : "camelCase";
      if ((expected === "UPPER_CASE") === UPPER_CASE.test(id.name)) continue;
      found.push({ name: id.name, line: text.slice(0, start).split("\n").length, expected });
    }
  }
  return found;
}

/** Whether one reads the value where it stands: nothing but literals, and constants that are such themselves. */
function isWrittenDown(node: Expression | Node): boolean {
  switch (node.type) {
    case "Literal":
      return true;
    case "Identifier":
      return isWrittenName(node.name);
    case "TemplateLiteral":
      return node.expressions.every(isWrittenDown);
    case "UnaryExpression":
      return isWrittenDown(node.argument);
    case "BinaryExpression":
      return isWrittenDown(node.left) && isWrittenDown(node.right);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
      return isWrittenDown(node.expression);
    case "MemberExpression":
      return isWrittenDown(node.object) || isOfNumber(node.object);
    case "SpreadElement":
      return isWrittenDown(node.argument);
    case "ArrayExpression":
      return node.elements.every((each) => each !== null && isWrittenDown(each));
    case "ObjectExpression":
      return node.properties.every((each) => isWrittenDown(each.type === "Property" ? each.value : each));
    case "NewExpression":
      return isTable(node.callee) && node.arguments.length > 0 && node.arguments.every(isWrittenDown);
    case "CallExpression":
      return isFreeze(node.callee) && node.arguments.every(isWrittenDown);
    default:
      return false;
  }
}

/** The namespaces of the language that look like constants are none. */
function isWrittenName(name: string): boolean {
  if (name === "JSON" || name === "URL") return false;
  return UPPER_CASE.test(name) || name === "undefined" || name === "Infinity";
}

/** An empty map or set is not among these: it is there to be filled. */
function isTable(callee: Expression): boolean {
  return callee.type === "Identifier" && ["Set", "Map", "RegExp"].includes(callee.name);
}

function isOfNumber(node: Expression): boolean {
  return node.type === "Identifier" && ["Number", "Math"].includes(node.name);
}

function isFreeze(callee: Expression): boolean {
  return (
    callee.type === "MemberExpression" &&
    callee.property.type === "Identifier" &&
    callee.property.name === "freeze"
  );
}
