import type { MessageHookContext } from "framegate/policy";

/**
 * The JSON of a text message. Throws where it is none, and at a binary one: servers that read those as text would be shown what nobody
 * has looked at.
 */
export function readJson({ content }: Pick<MessageHookContext, "content">): unknown {
  if (typeof content.body === "string") return JSON.parse(content.body);
  throw new TypeError("expected text, got bytes");
}

/**
 * Throws where a member is called nearly as one of these: readers that do not tell `Type` from `type`, such as those of Go, would take
 * the one for the other.
 */
export function refuseLookalikes(members: object, names: readonly string[]): void {
  for (const name of Object.keys(members))
    if (!names.includes(name) && names.includes(name.toLowerCase())) throw new TypeError(`got \`${name}\``);
}
