import type { LinearPattern } from "./pattern.ts";
import { REDACTED, type Span } from "./spans.ts";

export interface TextRules {
  /** Of a parameter or key. */
  isSecretName(name: string): boolean;
  isSecretHeader(name: string): boolean;
  readonly hasDefaults: boolean;
  /** The operator's own. */
  readonly patterns: readonly LinearPattern[];
}

// Each begins only where no earlier try has looked already, so that hostile texts cost no more than others.

/** The user of a URL, and the credentials of an Authorization header, and what looks like a JSON Web Token. */
const SHAPES: readonly RegExp[] = [
  /:\/\/(?<secret>[^\s/?#"'<>\\]+)@/dg,
  /(?<![\w-])(?:Bearer|Basic|Digest|Negotiate) {1,4}(?<secret>[\w.~+/=-]{6,})/dgi,
  /(?<![\w-])(?<secret>eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*)/dg,
];

/** `name=value` and `name: value`, as in a query, a form, a header line, or a text. */
const ASSIGNMENT = /(?<![\w.-])(?<name>[\w.-]{1,64})'? {0,4}(?<mark>[=:]) {0,4}'?(?=[^\s&"'<>;,={[])/g;
const VALUE_END = /[\s&"'<>;,\\]|$/;
const LINE_END = /[\r\n"\\]|$/;

/**
 * The operator's patterns see the text in windows of this many characters: one search takes a time that grows with the
 * text, but a text can hold as many matches as it has characters.
 */
const WINDOW_SIZE = 8192;
/** A match that is longer than this may be missed where two windows meet. */
const WINDOW_OVERLAP = 1024;

/** Secrets by what they look like, wherever they stand. */
export function findTextSecrets(text: string, rules: TextRules): Span[] {
  const spans: Span[] = [];
  if (rules.hasDefaults) for (const shape of SHAPES) collect(text, shape, spans);
  findAssignments(text, rules, spans);
  for (const pattern of rules.patterns) {
    for (let at = 0; at === 0 || at + WINDOW_OVERLAP < text.length; at += WINDOW_SIZE - WINDOW_OVERLAP) {
      const window = text.slice(at, at + WINDOW_SIZE);
      for (const [start, end] of pattern.find(window)) {
        if (window.slice(start, end) === REDACTED) continue;
        spans.push({ start: at + start, end: at + end, replacement: REDACTED });
      }
    }
  }
  return spans;
}

function collect(text: string, shape: RegExp, spans: Span[]): void {
  for (const { indices } of text.matchAll(shape)) {
    const [start, end] = indices!.groups!.secret!;
    spans.push({ start, end, replacement: REDACTED });
  }
}

function findAssignments(text: string, rules: TextRules, spans: Span[]): void {
  let done = 0;
  for (const match of text.matchAll(ASSIGNMENT)) {
    if (match.index < done) continue;
    const { name, mark } = match.groups!;
    const isLine = mark === ":" && rules.isSecretHeader(name!);
    if (!isLine && !rules.isSecretName(name!)) continue;
    const start = match.index + match[0].length;
    done = start + text.slice(start).search(isLine ? LINE_END : VALUE_END);
    spans.push({ start, end: done, replacement: REDACTED });
  }
}
