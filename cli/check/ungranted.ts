import { isIP } from "node:net";
import { createPrivateCheck } from "../../sandbox/broker/addresses.ts";
import { findGrant, type Grant, type Grants } from "../../sandbox/broker/grants.ts";
import type { LoadedPolicy } from "./policies.ts";

const WORDS = ["alert", "fetch", "kv", "rates", "secrets"] as const satisfies readonly (keyof Grant)[];

/**
 * A line for each policy that takes what it is not granted: at the first message that needs it, it would fail. With what to
 * write into the config, in TypeScript and YAML as in JSON. Packs are granted what they ask for when they are added.
 */
export function wordUngranted(policies: readonly LoadedPolicy[], grants: Grants): string[] {
  const wanting = policies.flatMap(({ name, code, packed }) => {
    const own = findGrant(grants, name) ?? {};
    const granted = { ...own, rates: own.rates ?? own.kv };
    const missing = takenBy(code).filter((word) => granted[word] === undefined);
    if (packed !== undefined || missing.length === 0) return [];
    const words = missing.map((word) => `\`${word}\``).join(", ");
    const parts = missing.map((word) => `"${word}": ${wantedBy(code, word)}`).join(", ");
    const line = `${name}: takes ${words}, which \`grants\` does not give it: there it would fail`;
    const key = Object.keys(grants).find((each) => grants[each] === own);
    return [{ line, parts, key, entry: `${JSON.stringify(name)}: { ${parts} }` }];
  });
  if (Object.keys(grants).length > 0)
    return wanting.map(({ line, parts, key, entry }) =>
      key === undefined
        ? `${line}; add ${entry} to "grants"`
        : `${line}; add ${parts} to ${JSON.stringify(key)} in "grants"`,
    );
  // Of two objects of that name a config takes one only.
  const all = `add "grants": { ${wanting.map(({ entry }) => entry).join(", ")} } to the config`;
  return wanting.map(({ line }, index) => (index === wanting.length - 1 ? `${line}; ${all}` : line));
}

/** The value of a grant. What is asked for is read off where it is written down. */
function wantedBy(code: string, word: (typeof WORDS)[number]): string {
  switch (word) {
    case "fetch":
      return wantedFetch(code);
    case "secrets":
      return JSON.stringify(namesIn(code, READ_SECRET, "NAME"));
    case "alert":
    case "kv":
    case "rates":
      return "true";
  }
}

const FETCHES = /(?<![\w$.])fetch\(/g;
/** With an address that is written out whole. */
const FETCHED = /(?<![\w$.])fetch\(\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|`([^`\\$]*)`)\s*[,)]/g;
const METHOD = /(?<![\w$.])method:\s*["'`](GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)["'`]/g;
const READ_SECRET = /(?<![\w$.])secrets\.get\(\s*["'`]([\w.-]+)["'`]/g;

/** Of an address no more than its host: there may be credentials in it. */
function wantedFetch(code: string): string {
  const calls = [...code.matchAll(FETCHES)].length;
  const urls = [...code.matchAll(FETCHED)].flatMap(
    ([, ...texts]) => URL.parse(texts.find((text) => text !== undefined) ?? "") ?? [],
  );
  const hosts = new Set(urls.map(({ host }) => host));
  if (urls.length < calls) hosts.add("api.example.com");
  const written = [...code.matchAll(METHOD)].map(([, method = ""]) => method);
  const methods = new Set([...(written.length < calls ? ["GET"] : []), ...written]);
  const isPrivate = createPrivateCheck();
  const isLocal = urls.some(({ hostname }) => {
    const name = hostname.replaceAll(/[[\]]/g, "");
    return isIP(name) === 0 ? /(?:^|\.)localhost$/.test(name) : isPrivate(name);
  });
  const parts = [
    `"hosts": ${JSON.stringify([...hosts])}`,
    ...([...methods].every((method) => method === "GET")
      ? []
      : [`"methods": ${JSON.stringify([...methods])}`]),
    ...(isLocal ? ['"private": true'] : []),
  ];
  return `{ ${parts.join(", ")} }`;
}

function namesIn(code: string, pattern: RegExp, example: string): string[] {
  const found = new Set([...code.matchAll(pattern)].flatMap(([, name]) => name ?? []));
  return found.size === 0 ? [example] : [...found];
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
