/** The lines around a mistake, as far left as they go, without titles that say once more what the line above them says. */
export function withoutTitles(frame: string, message: string): string {
  const lines = frame.split("\n").filter((line) => !isTitle(line.trim(), message));
  const margins = lines.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)![0].length);
  const margin = Math.min(...margins);
  return lines
    .map((line) => line.slice(margin).trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\n+$/g, "");
}

function isTitle(line: string, message: string): boolean {
  const title = /^✘ \[ERROR\] (.*?)(?: \[plugin [\w-]+\])?$/.exec(line)?.[1];
  if (title !== undefined) return message.includes(title);
  return /^\S+:\d+:\d+:$/.test(line) && message.includes(line.slice(0, -1));
}
