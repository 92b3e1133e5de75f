import type { ComponentChildren } from "preact";

/**
 * What a screen would hide or obey: control characters but tab and newline, marks that turn the direction of writing
 * or have no width, and surrogates without their other half.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with each unseen character as a mark of its own; never as HTML. */
export function VisibleText({ text }: { readonly text: string }) {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    const name = nameOf(match[0]);
    parts.push(
      <span class="unseen" title={`Unseen character ${codePoint(match[0])}`}>
        {name}
      </span>,
    );
    end = match.index + match[0].length;
  }
  if (end === 0) return text;
  parts.push(text.slice(end));
  return parts;
}

/** One line for a table: as short as is of use there. */
export function toOneLine(text: string, longest = 400): string {
  const line = text
    .slice(0, longest)
    .replace(/\s*\r?\n\s*/g, " ↵ ")
    .replace(/\t/g, " ");
  return line.replace(UNSEEN, nameOf);
}

function nameOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
