import { isDeepStrictEqual } from "node:util";
import { findGrant, type Grants } from "../../sandbox/broker/grants.ts";
import type { PlannedPolicy, RouteClaim } from "./claims.ts";

/**
 * A route that comes to name a policy which is not there goes on with the policies that it had: a slip in a name takes
 * down no route. Where anything else of it is another the route is a new one, and what is not there fails closed: a server
 * must not lie behind the policies that were for another. So does a policy that comes on top of those that it had: it must
 * not be missing unseen.
 *
 * @param before what the route of that name went by
 */
export function keepUses(
  claim: RouteClaim,
  before: RouteClaim | undefined,
  policies: ReadonlyMap<string, PlannedPolicy>,
): RouteClaim {
  if (before === undefined || isWhole(claim, policies) || !isWhole(before, policies)) return claim;
  if (countEnabled(claim) > countEnabled(before)) return claim;
  if (!isDeepStrictEqual(withoutPolicies(claim), withoutPolicies(before))) return claim;
  return { ...claim, config: before.config, uses: before.uses };
}

/** A policy that has lost what it may do, or may do more, is not the one that the route had. */
export function isGrantedAlike(
  claim: RouteClaim | undefined,
  before: Grants | undefined,
  now: Grants,
): boolean {
  const grantsIn = (grants: Grants = {}) => claim?.uses.map(({ use }) => findGrant(grants, use));
  return isDeepStrictEqual(grantsIn(before), grantsIn(now));
}

/** What goes on without being named: what is wrong with the others, the route as it is written says. */
export function onlyKept(kept: RouteClaim, wanted: RouteClaim): RouteClaim {
  const named = new Set(wanted.uses.map(({ use }) => use));
  return { ...kept, uses: kept.uses.filter(({ use }) => !named.has(use)) };
}

function isWhole({ uses }: RouteClaim, policies: ReadonlyMap<string, PlannedPolicy>): boolean {
  return uses.every(({ use, enabled }) => !enabled || policies.has(use));
}

function countEnabled({ uses }: RouteClaim): number {
  return uses.filter(({ enabled }) => enabled).length;
}

function withoutPolicies({ file, config: { policies, ...others } }: RouteClaim): object {
  return { file, ...others };
}
