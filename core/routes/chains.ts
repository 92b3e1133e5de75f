import { isDeepStrictEqual } from "node:util";
import type { CheckedOptions, Options } from "../../policies/options/checked-options.ts";
import type { PolicyBinding } from "../../sandbox/contract.ts";
import type { ClaimedUse, PlannedPolicy, RouteClaim } from "./claims.ts";
import type { RouteProblem } from "./problems.ts";

/** What a policy's schema says of the options of a use. */
export type OptionsCheck = (schema: unknown, options: Options) => CheckedOptions;

export interface PlannedChain {
  readonly chain: readonly PolicyBinding[];
  readonly problems: readonly RouteProblem[];
}

/**
 * The uses that are enabled, each with its options as the policy's schema has them.
 *
 * @param before the route's chain that is in use
 */
export function planChain(
  claim: RouteClaim,
  policies: ReadonlyMap<string, PlannedPolicy>,
  before: readonly PolicyBinding[],
  checkOptions: OptionsCheck,
): PlannedChain {
  const problems: RouteProblem[] = [];
  const seen = new Map<string, number>();
  const chain = claim.uses
    .filter(({ enabled }) => enabled)
    .map((use): PolicyBinding => ({ ...planUse(use), ...planCanaryUse(use) }));
  return { chain, problems };

  function planUse(use: ClaimedUse): PolicyBinding {
    const nth = seen.get(use.use) ?? 0;
    seen.set(use.use, nth + 1);
    const route = claim.config.name;
    const binding = { policy: use.use, route, ...(use.hooks && { hooks: use.hooks }) };
    const schema = policies.get(use.use)?.current?.exports.optionsSchema;
    const checked = checkOptions(schema, use.options);
    if ("options" in checked) return { ...binding, options: checked.options };

    const lastGood = before.filter(({ policy }) => policy === use.use)[nth];
    // What a newer version of the policy does not take was good for the older one only.
    const kept = lastGood && checkOptions(schema, lastGood.options);
    const isKept = kept !== undefined && "options" in kept;
    problems.push({ code: "wrong-options", ...placeOf(claim, use), message: checked.problem, isKept });
    return isKept
      ? { ...binding, options: kept.options }
      : { ...binding, policy: nameOfRefused(use.use), options: {} };
  }

  /** A version on its way has options of its own where its schema is another. */
  function planCanaryUse(use: ClaimedUse): Pick<PolicyBinding, "canaryOptions"> {
    const { current, canary } = policies.get(use.use) ?? {};
    const schema = canary?.exports.optionsSchema;
    if (canary === undefined || isDeepStrictEqual(schema, current?.exports.optionsSchema)) return {};
    const checked = checkOptions(schema, use.options);
    if ("options" in checked) {
      const { version } = canary.bundle;
      return { canaryOptions: { version, options: checked.options } };
    }
    problems.push({ code: "canary-options", ...placeOf(claim, use), message: checked.problem });
    return {};
  }
}

/**
 * What is wrong with the policies that a chain names, whatever their options.
 *
 * @param isKept the route goes on with others that it had
 */
export function findNamingProblems(
  claim: RouteClaim,
  policies: ReadonlyMap<string, PlannedPolicy>,
  isKept: boolean,
): RouteProblem[] {
  return claim.uses.flatMap((use): RouteProblem[] => {
    if (!use.enabled) return [];
    const place = placeOf(claim, use);
    const policy = policies.get(use.use);
    if (policy === undefined)
      return [{ code: "unknown-policy", ...place, known: [...policies.keys()], isKept }];
    if (policy.deleted) return [{ code: "policy-gone", ...place }];
    if (policy.current?.exports.hooks.length !== 0) return [];
    return [{ code: "no-hooks", ...place, policyFile: policy.file }];
  });
}

function placeOf({ file, config }: RouteClaim, { use, option }: ClaimedUse) {
  return { file, option, route: config.name, policy: use };
}

/** No policy has this name, so that its calls fail as those of a policy without a version do. */
function nameOfRefused(use: string): string {
  return `${use} (options refused)`;
}
