import { resolveGrant } from "../../core/config/index.ts";
import { canonicalJson } from "../../policies/pack/canonical-json.ts";
import {
  type CapabilityJson,
  grantsFor,
  ofPolicy,
  type PackCapabilities,
  plainText,
} from "../../policies/pack/capabilities.ts";
import type { FetchGrant } from "../../sandbox/index.ts";

/**
 * What a policy of a pack may do when it is given what it asks for, one line each: told of the grant that the gateway
 * makes of it, by the schema that the config's own grants have, and not of the words in which it was asked.
 */
export function describeGrant(pack: string, asked: CapabilityJson): string[] {
  return describe(pack, asked, listUnusual);
}

/** The same of all policies of a pack, with the policy's name before each line. */
export function describePackGrants(pack: string, asked: PackCapabilities): string[] {
  return describeEach(asked, (policy) => describeGrant(pack, ofPolicy(asked, policy) ?? {}));
}

/** What somebody who had `before` gets with `now`, and what not any more. A limit that is lifted is more, whatever is said of it. */
export function compareGrants(
  pack: string,
  before: PackCapabilities,
  now: PackCapabilities,
): { readonly more: readonly string[]; readonly less: readonly string[] } {
  const gained = describeBeside(pack, now, { others: before, when: "before" });
  const lost = describeBeside(pack, before, { others: now, when: "now" });
  return {
    more: gained.filter((line) => !lost.includes(line)),
    less: lost.filter((line) => !gained.includes(line)),
  };
}

interface Beside {
  readonly others: PackCapabilities;
  /** What the others are, beside these. */
  readonly when: "before" | "now";
}

function describeBeside(pack: string, asked: PackCapabilities, { others, when }: Beside): string[] {
  return describeEach(asked, (policy) => {
    const other = resolveGrant(grantsFor(pack, ofPolicy(others, policy)))?.fetch;
    const listLimits = (fetch: FetchGrant) => (other ? listLarger(fetch, other, when) : listUnusual(fetch));
    return describe(pack, ofPolicy(asked, policy) ?? {}, listLimits);
  });
}

function describeEach(asked: PackCapabilities, describePolicy: (policy: string) => string[]): string[] {
  return Object.keys(asked).flatMap((policy) => describePolicy(policy).map((line) => `${policy}: ${line}`));
}

function describe(
  pack: string,
  asked: CapabilityJson,
  listLimits: (fetch: FetchGrant) => string[],
): string[] {
  const grant = resolveGrant(grantsFor(pack, asked));
  if (grant === undefined) return [`what this gateway cannot grant: ${plainText(canonicalJson(asked))}`];
  const { fetch, kv, rates, secrets = [], alert } = grant;
  return [
    ...(fetch === undefined ? [] : [...describeFetchGrant(fetch), ...listLimits(fetch)]),
    ...(kv === undefined ? [] : ["kv: a store of its own"]),
    ...(rates === undefined ? [] : ["rates: counts of its own"]),
    ...(alert === undefined ? [] : ["alert: alerts to those whom the config names"]),
    ...secrets.map((secret) => `secret ${plainText(secret)}`),
  ];
}

function describeFetchGrant({ hosts, methods, private: isPrivate }: FetchGrant): string[] {
  // A method is granted for a host: a line is what can be granted by itself.
  const pairs = hosts.flatMap((host) => methods.map((method) => `fetch ${plainText(host)} (${method})`));
  return [...pairs, ...(isPrivate ? ["fetch, private addresses too"] : [])];
}

/** Limits that are not those of a grant that says nothing of them. */
function listUnusual(fetch: FetchGrant): string[] {
  const usual = resolveGrant({ fetch: { hosts: fetch.hosts } })?.fetch;
  return LIMITS.filter((name) => usual?.[name] !== fetch[name]).map(
    (name) => `fetch, ${name}: ${fetch[name]}`,
  );
}

function listLarger(fetch: FetchGrant, other: FetchGrant, when: Beside["when"]): string[] {
  return LIMITS.filter((name) => fetch[name] > other[name]).map(
    (name) => `fetch, ${name}: ${fetch[name]} (${when} ${other[name]})`,
  );
}

const LIMITS = ["maxRequestBytes", "maxResponseBytes", "timeoutMs"] as const satisfies (keyof FetchGrant)[];
