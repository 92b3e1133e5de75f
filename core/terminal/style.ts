import { styleText } from "node:util";

/** What a part of a line is. */
export type TextRole = "time" | "subject" | "aside" | "warn" | "error" | "good" | "line" | "mark";

const STYLES = {
  time: "dim",
  subject: ["bold", "cyan"],
  aside: "dim",
  warn: "yellow",
  error: "red",
  good: "green",
  line: "bold",
  mark: ["bold", "red"],
} as const;

/** A text in the colours of what it is; in plain text where there are none. */
export type Paint = (role: TextRole, text: string) => string;

export function createPaint(hasColor: boolean): Paint {
  if (!hasColor) return (_role, text) => text;
  return (role, text) => styleText([...[STYLES[role]].flat()], text, { validateStream: false });
}

/** As most programs have it: NO_COLOR and FORCE_COLOR count before what the terminal says of itself. */
export function wantsColor(
  stream: Pick<NodeJS.WriteStream, "isTTY">,
  { NO_COLOR = "", FORCE_COLOR, TERM }: NodeJS.ProcessEnv,
): boolean {
  if (NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY === true && TERM !== "dumb";
}
