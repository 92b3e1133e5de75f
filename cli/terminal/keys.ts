export type Key = "help" | "reload" | "urls" | "clear" | "open" | "quit" | "interrupt" | "suspend";

const KEYS: Readonly<Record<string, Key>> = {
  h: "help",
  "?": "help",
  r: "reload",
  u: "urls",
  c: "clear",
  o: "open",
  q: "quit",
  "\u0003": "interrupt",
  "\u001a": "suspend",
};

/** What was pressed. A text that was pasted presses no keys, nor does what a terminal sends for an arrow: of these only Ctrl-C counts. */
export function readKey(typed: string): Key | undefined {
  if (typed.includes("\u0003")) return "interrupt";
  return Object.hasOwn(KEYS, typed) ? KEYS[typed] : undefined;
}

export const KEY_HELP = `
  h   show these keys
  r   read the config and all policies again
  u   show the addresses again
  c   clear the screen
  o   open the console in the browser
  q   quit, as Ctrl-C does: once gracefully, twice at once

`;
