import type { MessageDescription, SideDescription } from "../../../policies/messages/description.ts";
import { commentOn, createTypeWriter, type WriteType } from "../../../policies/pack/schema-type.ts";
import { definitionOf } from "../plain-schemas.ts";
import { typeNames } from "./type-names.ts";

const INDENT = "  ";
/** Types of the language that are written here: one of that name would hide it. */
const RESERVED = ["Readonly", "Record"];

/** The types of messages, for other policies: `Client.Say`, `Server.Any`. */
export function renderTypes({ client, server, definitions = {} }: MessageDescription): string {
  const shared = typeNames(Object.keys(definitions), RESERVED);
  const typeOf = createTypeWriter({
    openKey: undefined,
    fillsDefaults: false,
    nameOf: (ref) => {
      const name = definitionOf(ref);
      const type = name === undefined ? undefined : shared.get(name);
      return type === undefined ? undefined : `Schemas.${type}`;
    },
  });
  const schemas = Object.entries(definitions).map(([name, schema]) =>
    typeLines(shared.get(name)!, schema, typeOf),
  );
  return [
    namespaceOf("Client", "What clients send.", sideLines(client, typeOf)),
    namespaceOf("Server", "What servers send.", sideLines(server, typeOf)),
    ...(schemas.length === 0 ? [] : [namespaceOf("Schemas", "What messages are made of.", schemas)]),
  ].join("\n");
}

function sideLines({ messages, passesAll, passesOthers }: SideDescription, typeOf: WriteType): string[] {
  const names = typeNames(Object.keys(messages), ["Any", ...RESERVED]);
  const types = [...names.values()];
  const isUnknown = passesAll === true || passesOthers === true;
  const any = isUnknown ? "unknown" : types.join(" | ") || "never";
  return [
    `${INDENT}type Any = ${any};`,
    ...Object.entries(messages).map(([name, { schema }]) => typeLines(names.get(name)!, schema, typeOf)),
  ];
}

function typeLines(name: string, schema: object | boolean, typeOf: WriteType): string {
  return [...commentOn(schema, INDENT), `${INDENT}type ${name} = ${typeOf(schema, INDENT)};`].join("\n");
}

function namespaceOf(name: string, comment: string, lines: readonly string[]): string {
  return `/** ${comment} */\nexport declare namespace ${name} {\n${lines.join("\n")}\n}\n`;
}
