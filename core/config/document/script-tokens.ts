import { createScanner } from "typescript/unstable/ast/scanner";

export interface ScriptToken {
  readonly text: string;
  /** Offset. */
  readonly at: number;
  /** How many brackets it opens; of one that closes -1. Parts of template strings count as such. */
  readonly opens: -1 | 0 | 1;
}

/** The tokens of TypeScript or JavaScript, without comments. Of what is neither, something. */
export function readScriptTokens(text: string): ScriptToken[] {
  const scanner = createScanner(true, undefined, text);
  const tokens: ScriptToken[] = [];
  /** Of each template that is open, how many braces are open in its `${…}`. */
  const templates: number[] = [];
  for (;;) {
    scanner.scan();
    const at = scanner.getTokenStart();
    if (at >= text.length) return tokens;
    if (scanner.getTokenText().startsWith("/") && !endsValue(tokens.at(-1)?.text)) scanner.reScanSlashToken();
    const braces = templates.at(-1);
    if (scanner.getTokenText() === "}" && braces === 0) scanner.reScanTemplateToken(false);
    const found = scanner.getTokenText();
    tokens.push({ text: found, at, opens: opensOf(found, braces === 0) });
    if (found.startsWith("`") && found.endsWith("${")) templates.push(0);
    else if (braces === 0 && found.startsWith("}")) {
      if (!found.endsWith("${")) templates.pop();
    } else if (braces !== undefined && /^[{}]$/.test(found))
      templates.splice(-1, 1, braces + (found === "{" ? 1 : -1));
    // What cannot be read is not read for ever.
    if (scanner.getTokenEnd() === at) return tokens;
  }
}

/** Whether a `/` behind it divides; else it begins a regular expression. */
function endsValue(before: string | undefined): boolean {
  return (
    before !== undefined && /[\w$)\]}"'`]$/.test(before) && !/^(?:return|typeof|case|in|of)$/.test(before)
  );
}

function opensOf(text: string, closesTemplate: boolean): ScriptToken["opens"] {
  if (text.startsWith("`")) return text.endsWith("${") ? 1 : 0;
  if (closesTemplate && text.startsWith("}")) return text.endsWith("${") ? 0 : -1;
  if (/^[([{]$/.test(text)) return 1;
  return /^[)\]}]$/.test(text) ? -1 : 0;
}
