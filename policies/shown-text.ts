/**
 * Text that somebody else wrote, for a terminal or a log: what would steer the terminal, or show the text in another
 * order than it has, stands as its code. Lines and tabs stay.
 */
export function showControls(text: string): string {
  return text.replace(
    /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/**
 * The same where CI servers read along: they take a line as a command that begins with `::`, behind spaces too (GitHub
 * Actions), or has `##[` or `##vso[` in it (also Azure Pipelines), or begins with `##teamcity[`.
 */
export function showForCi(text: string): string {
  return showControls(text)
    .replace(/^(\s*):(?=:)/gm, "$1\\x3a")
    .replace(/##(?=\w*\[)/g, "#\\x23");
}
