import { compilePattern, maskCards, maskEmails, type Rewrite, replaceMatches } from "./patterns.ts";

/** What is hidden in texts, whatever they are in. */
export interface HidingOptions {
  readonly find: readonly ("card" | "email")[];
  readonly patterns: readonly string[];
  readonly mask: string;
}

export const HIDING_PROPERTIES = {
  find: {
    type: "array",
    items: { enum: ["card", "email"] },
    default: [],
    description:
      "What is hidden in all texts: `card`, numbers of payment cards with the right check digit (Luhn), and `email`.",
  },
  patterns: {
    type: "array",
    items: { type: "string", minLength: 1, format: "re2" },
    default: [],
    description: "Patterns (RE2) of what is hidden in all texts, such as `\\bsk_live_\\w+`.",
  },
  mask: { type: "string", default: "***", description: "What stands there in its place." },
};

/** Undefined when nothing is looked for. Throws at a pattern that is none. */
export function compileHiding({ find, patterns, mask }: HidingOptions): Rewrite | undefined {
  const rewrites = [
    ...(find.includes("card") ? [maskCards(mask)] : []),
    ...(find.includes("email") ? [maskEmails(mask)] : []),
    ...patterns.map((pattern) => replaceMatches(compilePattern(pattern), mask)),
  ];
  if (rewrites.length === 0) return undefined;
  return (text) => rewrites.reduce((rewritten, rewrite) => rewrite(rewritten), text);
}
