import { grantsOfPacks, type PolicySnapshot } from "../../policies/reload/policy-state.ts";
import { findGrant, type Grants } from "../../sandbox/broker/grants.ts";
import { resolveGrant } from "../config/index.ts";

export interface PackGrants {
  readonly grants: Grants;
  /** One sentence each. */
  readonly problems: readonly string[];
}

/** The config's grants; and for policies of packs of which it says nothing, what the lock says was agreed to. */
export function addPackGrants(configured: Grants, snapshot: PolicySnapshot): PackGrants {
  const grants: Record<string, Grants[string]> = { ...configured };
  const problems: string[] = [];
  for (const [policy, agreed] of Object.entries(grantsOfPacks(snapshot))) {
    if (Object.keys(agreed).length === 0 || findGrant(configured, policy) !== undefined) continue;
    const grant = resolveGrant(agreed);
    if (grant) grants[policy] = grant;
    else problems.push(`${policy} asks for what this gateway cannot grant: ${JSON.stringify(agreed)}`);
  }
  return { grants, problems };
}
