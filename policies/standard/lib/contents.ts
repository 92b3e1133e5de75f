import type { Content, MessageVerdict } from "framegate/policy";

/** The text of a message, of a binary one if it is UTF-8; undefined when nobody can read it. */
export function textOf({ body }: Pick<Content, "body">): string | undefined {
  if (typeof body === "string") return body;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** A text message stays one, and a binary one too. */
export function replaceText({ body }: Content, text: string): MessageVerdict {
  return { content: { body: typeof body === "string" ? text : new TextEncoder().encode(text) } };
}
