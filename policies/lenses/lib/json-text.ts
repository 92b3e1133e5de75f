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
 * What throws where a member is called nearly as one of these: readers that do not tell `Type` from `type`, such as those of Go, would take
 * the one for the other.
 */
export function lookalikeCheck(names: readonly string[]): (members: object) => void {
  const own = new Set(names);
  const folded = new Set(names.map(fold));
  return (members) => {
    for (const name of Object.keys(members))
      if (!own.has(name) && folded.has(fold(name))) throw new TypeError(`got \`${name}\``);
  };
}

/** As Go compares names, and as Java does: these letters are not told from those of ASCII. */
function fold(name: string): string {
  return name.replaceAll("ſ", "s").replace(/[ıİ]/g, "i").toLowerCase();
}
