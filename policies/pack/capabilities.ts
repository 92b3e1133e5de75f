import { isObject } from "../is-object.ts";
import { canonicalJson } from "./canonical-json.ts";

/** What a policy asks for, or was granted: the value of its `export const capabilities`, plain JSON. */
export type CapabilityJson = Readonly<Record<string, unknown>>;

/** What each policy of a pack asks for, or was granted, by its name within the pack. Without those that ask for nothing. */
export type PackCapabilities = Readonly<Record<string, CapabilityJson>>;

/** What becomes a grant, when it is agreed to. A pack has a store and rates of its own, which its policies share, however it asks. */
export function grantsFor(pack: string, { kv, rates, ...others }: CapabilityJson = {}): CapabilityJson {
  const own = { namespace: pack };
  return { ...others, ...(kv ? { kv: own } : {}), ...(rates ? { rates: own } : {}) };
}

/**
 * What `asked` has and `granted` has not, one line each. A part that this version of Framegate does not know counts as
 * a whole: granted is only what was written in the very same way.
 */
export function missingCapabilities(granted: CapabilityJson | undefined, asked: CapabilityJson): string[] {
  const given = new Set(describeCapabilities(granted ?? {}));
  return describeCapabilities(asked).filter((line) => !given.has(line));
}

/** Undefined too for a policy that is called `constructor`, say. */
export function ofPolicy(
  capabilities: PackCapabilities | undefined,
  policy: string,
): CapabilityJson | undefined {
  return capabilities && Object.hasOwn(capabilities, policy) ? capabilities[policy] : undefined;
}

const OWN_STORE = "kv: a store of its own";
const OWN_RATES = "rates: counts of its own";

/** One line for each thing that can be granted by itself, for people. */
export function describeCapabilities(capabilities: CapabilityJson): string[] {
  return Object.entries(capabilities).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (name === "fetch" && isObject(value)) return describeFetch(value);
    // As `grantsFor` has it.
    if (name === "kv") return value ? [OWN_STORE] : [];
    if (name === "rates") return value ? [OWN_RATES] : [];
    if (name === "secrets" && Array.isArray(value)) return value.map((secret) => `secret ${shown(secret)}`);
    return [`${shown(name)}: ${shown(value)}`];
  });
}

function describeFetch({ hosts, methods, ...limits }: Readonly<Record<string, unknown>>): string[] {
  // As a grant has it that does not say.
  const verbs = Array.isArray(methods) ? methods.map(verbOf) : ["GET"];
  const places = Array.isArray(hosts) ? hosts.map(shown) : ["any host"];
  // A method is granted for a host, not for all that some version was ever granted.
  const pairs = places.flatMap((host) => verbs.map((verb) => `fetch ${host} (${shown(verb)})`));
  return [...pairs, ...describeParts("fetch", limits)];
}

/** As a grant has it. */
function verbOf(method: unknown): unknown {
  return typeof method === "string" ? method.toUpperCase() : method;
}

function describeParts(name: string, parts: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(parts)
    .filter(([, value]) => value !== false && value !== undefined)
    .map(([key, value]) => `${name}, ${shown(key)}: ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === "string" && /^[\w.:*[\]-]+$/.test(value)) return value;
  return plainText(canonicalJson(value));
}

/** One line of plain characters: what a pack says must not move the cursor over what it asks for. */
export function plainText(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
