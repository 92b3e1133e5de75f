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
  const grant = resolveGrant(grantsFor(pack, asked));
  if (grant === undefined) return [`what this gateway cannot grant: ${plainText(canonicalJson(asked))}`];
  const { fetch, kv, rates, secrets = [], alert } = grant;
  return [
    ...(fetch === undefined ? [] : describeFetchGrant(fetch)),
    ...(kv === undefined ? [] : ["kv: a store of its own"]),
    ...(rates === undefined ? [] : ["rates: counts of its own"]),
    ...(alert === undefined ? [] : ["alert: alerts to those whom the config names"]),
    ...secrets.map((secret) => `secret ${plainText(secret)}`),
  ];
}

/** The same of all policies of a pack, with the policy's name before each line. */
export function describePackGrants(pack: string, asked: PackCapabilities): string[] {
  return Object.keys(asked).flatMap((policy) =>
    describeGrant(pack, ofPolicy(asked, policy) ?? {}).map((line) => `${policy}: ${line}`),
  );
}

/** Limits are told where they are not those of a grant that says nothing of them. */
function describeFetchGrant({ hosts, methods, private: isPrivate, ...limits }: FetchGrant): string[] {
  // A method is granted for a host: a line is what can be granted by itself.
  const pairs = hosts.flatMap((host) => methods.map((method) => `fetch ${plainText(host)} (${method})`));
  const usual = resolveGrant({ fetch: { hosts } })?.fetch;
  const others = Object.entries(limits).filter(
    ([name, value]) => usual?.[name as keyof typeof limits] !== value,
  );
  return [
    ...pairs,
    ...(isPrivate ? ["fetch, private addresses too"] : []),
    ...others.map(([name, value]) => `fetch, ${name}: ${value}`),
  ];
}
