/** A piece of a text, and what takes its place. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @param cuts in the order of the text, none within another */
export function applyCuts(text: string, cuts: readonly Cut[]): string {
  const pieces: string[] = [];
  let kept = 0;
  for (const cut of cuts) {
    pieces.push(text.slice(kept, cut.start), cut.text);
    kept = cut.end;
  }
  return pieces.join("") + text.slice(kept);
}

/** As it must be written between tags to be read as this. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, escapeCharacter);
}

/** As it must be written in an attribute, whichever quotes it has. */
export function escapeAttribute(value: string): string {
  return value.replace(/[&<>"'\r\n\t]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
