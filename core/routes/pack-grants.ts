import type { CapabilityJson } from "../../policies/pack/capabilities.ts";
import { findGrant, type Grants } from "../../sandbox/broker/grants.ts";
import { resolveGrant } from "../config/index.ts";
import type { ProblemWords } from "./problems.ts";

export interface PackGrants {
  readonly grants: Grants;
  readonly problems: readonly GrantProblem[];
}

/** What was agreed to for a policy of a pack is no grant that this gateway knows: the policy is granted nothing. */
export interface GrantProblem {
  readonly code: "no-such-grant";
  readonly policy: string;
  readonly agreed: CapabilityJson;
}

/**
 * The config's grants; and for policies of packs of which it says nothing, what the lock says was agreed to.
 *
 * @param agreed by policy of a pack
 */
export function addPackGrants(
  configured: Grants,
  agreed: Readonly<Record<string, CapabilityJson>>,
): PackGrants {
  const grants: Record<string, Grants[string]> = { ...configured };
  const problems: GrantProblem[] = [];
  for (const [policy, asked] of Object.entries(agreed)) {
    if (Object.keys(asked).length === 0 || findGrant(configured, policy) !== undefined) continue;
    const grant = resolveGrant(asked);
    if (grant) grants[policy] = grant;
    else problems.push({ code: "no-such-grant", policy, agreed: asked });
  }
  return { grants, problems };
}

/** No file of the author's is at fault: the message names the policy. */
export function wordGrantProblem({ policy, agreed }: GrantProblem): ProblemWords {
  const message = `${policy} asks for what this gateway cannot grant: ${JSON.stringify(agreed)}`;
  return { inLog: message, inFiles: [{ place: "", message }] };
}
