import { parsePolicyName } from "../../policies/pack/pack-name.ts";
import type { Grants } from "../../sandbox/broker/grants.ts";
import type { GatewayConfig, PolicyUse, RouteConfig } from "../config/index.ts";
import { findNamingProblems, type OptionsCheck, planChain } from "./chains.ts";
import { claimConfigured, claimDropIn, type PlannedPolicy, type RouteClaim, settleClaims } from "./claims.ts";
import { type PolicyGroups, planGroups } from "./isolation.ts";
import { isGrantedAlike, keepUses, onlyKept } from "./kept-claims.ts";
import type { RouteProblem } from "./problems.ts";
import type { RoutePlan } from "./route-runtime.ts";
import { type WantedShadow, wantShadows } from "./shadow-plan.ts";

export interface RouteTable {
  readonly routes: readonly RoutePlan[];
  readonly problems: readonly RouteProblem[];
  readonly groups: PolicyGroups;
  /** Uses that are to have a shadow. */
  readonly shadows: readonly WantedShadow[];
  /** Which file brought each route, by each of its keys. */
  readonly owners: ReadonlyMap<string, string>;
  /** Of the config. */
  readonly grants: Grants;
  /** What each route goes by, by its name. */
  readonly claims: ReadonlyMap<string, RouteClaim>;
}

/**
 * Which routes there are, and the chain of each, from the config and the policies: what the gateway serves, and what
 * `framegate check` says that it would.
 *
 * @param before the table that is in use: of two claims to one path, the one that has it keeps it
 */
export function planRoutes(
  config: GatewayConfig,
  policies: readonly PlannedPolicy[],
  check: OptionsCheck,
  before?: RouteTable,
): RouteTable {
  const { grants } = config.capabilities;
  const byName = new Map(policies.map((policy) => [policy.name, policy]));
  const chainBefore = (name: string) => before?.routes.find((route) => route.config.name === name)?.chain;

  const dropIns = policies
    .map((policy) => claimDropIn(policy, config))
    .filter((claim) => claim !== undefined);
  const configured = claimConfigured(config, (route) =>
    usesOfFolder(
      policies,
      chainBefore(route)?.map(({ policy }) => policy),
    ),
  );
  const settled = settleClaims(
    [...configured, ...dropIns.filter((claim) => "keys" in claim)],
    before?.owners,
  );
  const winners = settled.winners.map((wanted) => {
    const earlier = before?.claims.get(wanted.config.name);
    const claim = isGrantedAlike(earlier, before?.grants, grants)
      ? keepUses(wanted, earlier, byName)
      : wanted;
    const ofWanted = findNamingProblems(wanted, byName, claim !== wanted);
    const ofKept = findNamingProblems(onlyKept(claim, wanted), byName, true);
    return { claim, naming: [...ofWanted, ...ofKept] };
  });
  const planned = winners.map(({ claim }) => ({
    claim,
    config: claim.config,
    ...planChain(claim, byName, chainBefore(claim.config.name) ?? [], check),
  }));
  return {
    routes: planned.map(({ config, chain }) => ({ config, chain })),
    owners: settled.owners,
    grants,
    claims: new Map(planned.map(({ claim }) => [claim.config.name, claim])),
    groups: planGroups(
      winners.map(({ claim }) => claim),
      config,
    ),
    shadows: planned.flatMap(({ claim, chain }) => wantShadows(claim, chain)),
    problems: [
      ...dropIns.filter((claim) => "code" in claim),
      ...settled.problems,
      ...winners.flatMap(({ naming }) => naming),
      ...planned.flatMap(({ problems }) => problems),
    ],
  };
}

/**
 * Names of the policies that routes list, of the config and of policies. What is wrong with a route, its plan says.
 *
 * @param table that is in use: what routes go on with counts too
 */
export function usedPolicies(
  config: GatewayConfig,
  policies: readonly PlannedPolicy[],
  table?: RouteTable,
): string[] {
  const brought = policies.flatMap((policy) => {
    const claim = claimDropIn(policy, config);
    return claim === undefined || "code" in claim ? [] : [claim.config];
  });
  const routes = [...config.routes, ...brought];
  const listed = routes.flatMap(({ policies: uses }) => (uses === "*" ? [] : uses.map(({ use }) => use)));
  return [...listed, ...keptPolicies(routes, policies, table)];
}

/** Of routes that name what is not there: it may be on its way, or they go on with the policies that they have. */
function keptPolicies(
  routes: readonly RouteConfig[],
  policies: readonly PlannedPolicy[],
  table: RouteTable | undefined,
): string[] {
  const known = new Set(policies.map(({ name }) => name));
  return routes.flatMap(({ name, policies: uses }) =>
    uses === "*" || uses.every(({ use }) => known.has(use))
      ? []
      : (table?.claims.get(name)?.uses.map(({ use }) => use) ?? []),
  );
}

/**
 * What "*" stands for: policies of the folder's own files. A policy that never loaded counts if it was there when the
 * gateway started, and goes on counting: its route fails closed. A file that comes later and does not load leaves the
 * route as it is until it does.
 *
 * @param before names in the chain that is in use; undefined when the gateway starts
 */
function usesOfFolder(
  policies: readonly PlannedPolicy[],
  before: readonly string[] | undefined,
): PolicyUse[] {
  return policies
    .filter(({ name, current, deleted }) => {
      if (deleted || parsePolicyName(name)) return false;
      if (current === undefined) return before === undefined || before.includes(name);
      return current.exports.route === undefined;
    })
    .map(({ name }) => ({ use: name, options: {}, enabled: true }));
}
