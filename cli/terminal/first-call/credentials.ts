import type { PolicyUse } from "../../../core/config/index.ts";
import { isObject } from "../../../policies/is-object.ts";

/** What a client has to show: options of `wscat`, and what stands behind the URL. */
export interface Shown {
  readonly flags: readonly string[];
  readonly query: string;
}

const NOTHING: Shown = { flags: [], query: "" };
const STANDARD = "@framegate/standard/";

/** Where they look unless their `from` says it. */
const TOKENS: Readonly<Record<string, { readonly word: string; readonly from: object }>> = {
  jwt: { word: "TOKEN", from: { header: "authorization" } },
  "jwt-renewable": { word: "TOKEN", from: { header: "authorization" } },
  "oauth-introspect": { word: "TOKEN", from: { header: "authorization" } },
  "api-key": { word: "KEY", from: { header: "x-api-key" } },
};

/** What the gateway's own policies ask of a client. */
export function credentialsFor({ use, options }: PolicyUse): Shown {
  if (!use.startsWith(STANDARD)) return NOTHING;
  const name = use.slice(STANDARD.length);
  if (name === "basic-auth") return { ...NOTHING, flags: ["--auth USER:PASSWORD"] };
  const token = Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined;
  if (token === undefined) return NOTHING;
  return placeOf(isObject(options.from) ? options.from : { ...token.from }, token.word);
}

function placeOf(from: Readonly<Record<string, unknown>>, word: string): Shown {
  const { header, cookie, parameter, subprotocol } = from;
  if (typeof header === "string") {
    const value = header.toLowerCase() === "authorization" ? `Bearer ${word}` : word;
    return { ...NOTHING, flags: [`-H "${header}: ${value}"`] };
  }
  if (typeof cookie === "string") return { ...NOTHING, flags: [`-H "Cookie: ${cookie}=${word}"`] };
  if (typeof parameter === "string") return { ...NOTHING, query: `${parameter}=${word}` };
  return typeof subprotocol === "string" ? { ...NOTHING, flags: [`-s ${subprotocol}${word}`] } : NOTHING;
}
