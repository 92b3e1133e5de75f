import type { SideDescription } from "../../../policies/messages/description.ts";

/** One JSON Schema for all messages of a side, such as the option of `@framegate/standard/json-schema` takes. */
export function renderSchema({ messages }: SideDescription, title: string): object {
  const names = Object.keys(messages);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    anyOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: Object.fromEntries(Object.entries(messages).map(([name, { schema }]) => [name, schema])),
  };
}
