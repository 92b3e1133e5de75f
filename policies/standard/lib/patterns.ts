import { RE2JS } from "re2js";

/** Compiled for matching in a time that grows with the text's length only. Throws with what is wrong in the pattern. */
export function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new SyntaxError(`"${pattern}" is no pattern: ${(cause as Error).message}`, { cause });
  }
}

export type Rewrite = (text: string) => string;

export function replaceMatches(pattern: RE2JS, mask: string): Rewrite {
  return (text) => (pattern.test(text) ? pattern.matcher(text).replaceAll(() => mask) : text);
}

const EMAIL = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+";

export function maskEmails(mask: string): Rewrite {
  const replace = replaceMatches(compilePattern(EMAIL), mask);
  return (text) => (text.includes("@") ? replace(text) : text);
}

/** Digits with at most one space or hyphen between two of them; one way to match, so in linear time. */
const DIGITS = /\d(?:[ -]?\d){12,}/g;

export function maskCards(mask: string): Rewrite {
  return (text) => text.replace(DIGITS, (run) => maskCardsIn(run, mask));
}

/** A card's number may have others before and behind it: an expiry date, a check number. */
function maskCardsIn(run: string, mask: string): string {
  const parts = run.split(/([ -])/);
  let text = "";
  for (let i = 0; i < parts.length; i++) {
    const end = i % 2 === 0 ? endOfCard(parts, i) : undefined;
    text += end === undefined ? parts[i] : mask;
    i = end ?? i;
  }
  return text;
}

/** @returns the index of the last part of a number that begins at `start` */
function endOfCard(parts: readonly string[], start: number): number | undefined {
  let digits = "";
  for (let i = start; i < parts.length && digits.length < MAX_CARD_DIGITS; i += 2) {
    digits += parts[i];
    if (isCard(digits)) return i;
  }
  return undefined;
}

const MAX_CARD_DIGITS = 19;

/** The networks' first digits as well, for of all numbers one in ten has the right check digit: times, for example. */
function isCard(digits: string): boolean {
  const isNumber =
    /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14,17}|6\d{11,18})$/;
  return isNumber.test(digits) && hasLuhnDigit(digits);
}

function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const weighed = i % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
