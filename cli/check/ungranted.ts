import { findGrant, type Grant, type Grants } from "../../sandbox/broker/grants.ts";
import type { LoadedPolicy } from "./policies.ts";

const WORDS = ["alert", "fetch", "kv", "rates", "secrets"] as const satisfies readonly (keyof Grant)[];

/**
 * A line for each policy that takes what it is not granted: at the first message that needs it, it would fail. With what to
 * write into the config, in TypeScript and YAML as in JSON. Packs are granted what they ask for when they are added.
 */
export function wordUngranted(policies: readonly LoadedPolicy[], grants: Grants): string[] {
  return policies.flatMap(({ name, code, packed }) => {
    const own = findGrant(grants, name) ?? {};
    const granted = { ...own, rates: own.rates ?? own.kv };
    const missing = takenBy(code).filter((word) => granted[word] === undefined);
    if (packed !== undefined || missing.length === 0) return [];
    const words = missing.map((word) => `\`${word}\``).join(", ");
    const parts = missing.map((word) => `"${word}": ${wantedBy(code, word)}`).join(", ");
    const key = Object.keys(grants).find((each) => grants[each] === own);
    const advice =
      key === undefined
        ? `add "grants": { ${JSON.stringify(name)}: { ${parts} } } to the config`
        : `add ${parts} to ${JSON.stringify(key)} in "grants"`;
    return [`${name}: takes ${words}, which \`grants\` does not give it: there it would fail; ${advice}`];
  });
}

/** The value of a grant. What is asked for is read off where it is written down. */
function wantedBy(code: string, word: (typeof WORDS)[number]): string {
  switch (word) {
    case "fetch":
      return `{ "hosts": ${namesIn(code, FETCHED, "api.example.com")} }`;
    case "secrets":
      return namesIn(code, READ_SECRET, "NAME");
    case "alert":
    case "kv":
    case "rates":
      return "true";
  }
}

const FETCHED = /(?<![\w$.])fetch\(\s*["'`]https?:\/\/([\w.*:-]+)/g;
const READ_SECRET = /(?<![\w$.])secrets\.get\(\s*["'`]([\w.-]+)["'`]/g;

function namesIn(code: string, pattern: RegExp, example: string): string {
  const found = new Set([...code.matchAll(pattern)].flatMap(([, name]) => name ?? []));
  return JSON.stringify(found.size === 0 ? [example] : [...found]);
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
