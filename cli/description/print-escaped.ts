/** What a document or a recording calls a thing may be anything: nothing of it moves the cursor, or turns the text around. */
export function printEscaped(lines: readonly string[]): void {
  const shown = lines.map((line) => line.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, escapeCharacter));
  process.stdout.write(`${shown.join("\n")}\n`);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
