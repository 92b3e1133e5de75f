/**
 * Text as one word of a POSIX shell. What is copied is pasted into a terminal too, which acts on control characters
 * before a shell has read the quotes around them: of those none is in what comes out.
 *
 * @returns undefined for what no command can be given as an argument: a NUL, or a newline at the end, which `$(…)` takes away
 */
export function shellWord(text: string): string | undefined {
  if (/^[\w@%+:,./-]+$/.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  if (text.includes("\0") || text.endsWith("\n")) return undefined;
  return `"$(${printfCommand(new TextEncoder().encode(text))})"`;
}

/** A command that writes these bytes, and nothing else. */
export function printfCommand(bytes: Uint8Array): string {
  let format = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    format += PLAIN.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `printf '${format}'`;
}

/** C0, DEL, C1, and what ends a line, or turns its direction, for whoever reads it. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** No dash, which would begin an option, and no `!`, which is of the history between double quotes. */
const PLAIN = /[\w .,:;=+/@()[\]{}<>|&"~^]/;
