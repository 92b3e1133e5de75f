import { claimConfigured, claimDropIn } from "../../core/routes/claims.ts";
import { findPolicies } from "../../policies/folder.ts";
import { parsePolicyName } from "../../policies/pack/pack-name.ts";
import { showPath } from "../../policies/shown-path.ts";
import { DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "../../sandbox/defaults.ts";
import { loadPolicies } from "../check/policies.ts";
import type { GatewayPacks } from "./gateway-packs.ts";

/** Where routes name policies of a pack, those of policies among them, one line each. */
export async function listUses(pack: string, { config, policiesDir }: GatewayPacks): Promise<string[]> {
  const { policies } = await loadPolicies(await findPolicies(policiesDir), {
    limits: DEFAULT_POLICY_LIMITS,
    host: DEFAULT_HOST_LIMITS,
  });
  const brought = policies.flatMap(({ name, file, exports }) => {
    const claim = claimDropIn({ name, file, current: { exports } }, config);
    return claim === undefined || "code" in claim ? [] : [claim];
  });
  return [...claimConfigured(config, () => []), ...brought].flatMap(({ file, config: route, uses }) =>
    uses
      .filter(({ use, enabled }) => enabled && parsePolicyName(use)?.pack === pack)
      .map(({ use, option }) => `${showPath(file)}: ${option}, of the route ${route.name}: ${use}`),
  );
}
