import { findGrant, type Grant, type Grants } from "../../sandbox/broker/grants.ts";
import type { LoadedPolicy } from "./policies.ts";

const WORDS = ["alert", "fetch", "kv", "rates", "secrets"] as const satisfies readonly (keyof Grant)[];

/**
 * A line for each policy that takes what it is not granted: at the first message that needs it, it would fail. Packs are
 * granted what they ask for when they are added.
 */
export function wordUngranted(policies: readonly LoadedPolicy[], grants: Grants): string[] {
  return policies.flatMap(({ name, code, packed }) => {
    const own = findGrant(grants, name) ?? {};
    const granted = { ...own, rates: own.rates ?? own.kv };
    const missing = takenBy(code).filter((word) => granted[word] === undefined);
    if (packed !== undefined || missing.length === 0) return [];
    const words = missing.map((word) => `\`${word}\``).join(", ");
    return [`${name}: takes ${words}, which \`grants\` does not give it: there it would fail`];
  });
}

/** By the names that functions take from the object they are called with, as hooks do, and by calls of the global `fetch`. */
function takenBy(code: string): (typeof WORDS)[number][] {
  const taken = new Set(
    [...code.matchAll(/\(\s*\{([^{}()]*)\}\s*\)\s*(?:=>|\{)/g)].flatMap(([, names = ""]) =>
      names.split(",").map((each) => each.split(/[:=]/)[0]?.trim()),
    ),
  );
  return WORDS.filter((word) => (word === "fetch" ? /(?<![\w$.])fetch\(/.test(code) : taken.has(word)));
}
