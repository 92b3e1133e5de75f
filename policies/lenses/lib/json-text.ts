import type { MessageHookContext } from "framegate/policy";

type Message = Pick<MessageHookContext, "content">;

/** Throws at a binary message: servers that read those as text would be shown what nobody has looked at. */
export function textBody({ content }: Message): string {
  if (typeof content.body === "string") return content.body;
  throw new TypeError("expected text, got bytes");
}

/** Throws where it is none. */
export function readJson(message: Message): unknown {
  return JSON.parse(textBody(message));
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
