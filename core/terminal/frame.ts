import type { Paint } from "./style.ts";

/** The lines around a mistake: the numbers step back, the marks below the place stand out. */
export function paintFrame(frame: string, paint: Paint): string[] {
  return frame.split("\n").map((line) => {
    if (/^[\s|│╵>]*[\^~]+\s*$/.test(line)) return paint("mark", line);
    const [, margin = "", code = line] = /^(\s*>?\s*\d*\s*[|│╵]\s?)(.*)$/.exec(line) ?? [];
    return margin.trimStart().startsWith(">") ? paint("line", line) : `${paint("aside", margin)}${code}`;
  });
}
