import { suggestName } from "../../sandbox/suggestion.ts";
import { isOwnPack, OWN_PACKS, parsePolicyName } from "./pack-name.ts";

/** What the packs that come with the gateway have. */
export const OWN_POLICIES = {
  "@framegate/standard": [
    "api-key",
    "audit",
    "basic-auth",
    "block-patterns",
    "client-certificate",
    "first-message-auth",
    "headers",
    "ip-allow",
    "json-limits",
    "json-schema",
    "json-transform",
    "jwt",
    "jwt-renewable",
    "oauth-introspect",
    "rate-limit",
    "redact",
    "route-by",
    "subprotocol-auth",
  ],
  "@framegate/xml": ["limits", "redact"],
} as const satisfies Record<(typeof OWN_PACKS)[number], readonly string[]>;

/**
 * The policy that a name was meant to be, if any is near: a file of the folder before one of a pack, which is named whole.
 *
 * @param known names of all policies that there are beside those of the gateway's own packs
 */
export function suggestPolicy(name: string, known: readonly string[]): string | undefined {
  const packed = [...known, ...namesOfOwnPolicies()].flatMap((each) => parsePolicyName(each) ?? []);
  const meant = parsePolicyName(name);
  if (meant === undefined) {
    const files = known.filter((each) => parsePolicyName(each) === undefined);
    const near = suggestName(name, files);
    if (near !== undefined) return near;
  }
  const pack = meant && suggestName(meant.pack, [...new Set(packed.map((each) => each.pack))]);
  const among = meant === undefined ? packed : packed.filter((each) => each.pack === pack);
  const policy = suggestName(
    meant?.policy ?? name,
    among.map((each) => each.policy),
  );
  const found = among.find((each) => each.policy === policy);
  return found && `${found.pack}/${found.policy}`;
}

/** Why a policy of this pack is not there, for the one who named it. */
export function missingFromPack(pack: string, present: readonly string[]): string {
  if (isOwnPack(pack)) {
    const policies = OWN_POLICIES[pack as keyof typeof OWN_POLICIES].join(", ");
    return `the gateway's own ${pack} has no such policy: it has ${policies}`;
  }
  const policies = present.filter((name) => parsePolicyName(name)?.pack === pack);
  if (policies.length > 0) return `the pack has ${policies.join(", ")} only`;
  return `the pack ${pack} is not installed: \`framegate add ${pack}\``;
}

/** With the names of their packs. */
export function namesOfOwnPolicies(): string[] {
  return OWN_PACKS.flatMap((pack) => OWN_POLICIES[pack].map((policy) => `${pack}/${policy}`));
}
