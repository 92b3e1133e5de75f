import type { PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import {
  type GatewayConfig,
  type PolicyUse,
  type RouteConfig,
  resolveRoute,
  suggestName,
} from "../config/index.ts";
import { pathKey } from "../config/path-pattern.ts";
import type { RoutePlan } from "../route-runtime.ts";

/** A policy of the folder, as far as the plan cares. */
export interface PlannedPolicy {
  readonly name: string;
  readonly file: string;
  /** The newest version that could be loaded. */
  readonly current?: { readonly bundle: PolicyBundle; readonly exports: PolicyExports };
  readonly deleted?: boolean;
}

export interface RouteTable {
  readonly routes: readonly RoutePlan[];
  /** One sentence each, for the one who wrote the config or the policy. */
  readonly problems: readonly string[];
  /** Which file brought each path, by path key. */
  readonly owners: ReadonlyMap<string, string>;
}

interface Claim {
  readonly key: string;
  /** The file that says so. */
  readonly origin: string;
  readonly config: RouteConfig;
  readonly uses: readonly PolicyUse[];
}

/**
 * Which routes there are, and the chain of each, from the config and the policies of the folder.
 *
 * @param before the table that is in use: of two claims to one path, the one that has it keeps it
 */
export function planRoutes(
  config: GatewayConfig,
  policies: readonly PlannedPolicy[],
  before?: RouteTable,
): RouteTable {
  const problems: string[] = [];
  const byName = new Map(policies.map((policy) => [policy.name, policy]));
  const configFile = config.file ?? "the config";

  const configured = config.routes.map(
    (route): Claim => ({
      key: pathKey(route.path),
      origin: configFile,
      config: route,
      uses: route.policies === "*" ? usesOfFolder(policies, chainOf(route.path, before)) : route.policies,
    }),
  );
  const dropIns = policies.flatMap((policy) => claimOf(policy, config, problems));
  const { winners, owners } = settleClaims([...configured, ...dropIns], before, problems);

  for (const claim of winners) problems.push(...findChainProblems(claim, byName));
  const routes = winners.map(
    ({ config: route, uses }): RoutePlan => ({
      config: route,
      chain: uses.map(({ use, options }) => ({ policy: use, route: route.path, options })),
    }),
  );
  return { routes, problems, owners };
}

/**
 * What "*" stands for. A policy that never loaded counts if it was there when the gateway started, and goes on counting:
 * its route fails closed. A file that comes later and does not load leaves the route as it is until it does.
 *
 * @param before names in the chain that is in use; undefined when the gateway starts
 */
function usesOfFolder(
  policies: readonly PlannedPolicy[],
  before: ReadonlySet<string> | undefined,
): PolicyUse[] {
  return policies
    .filter(({ name, current, deleted }) => {
      if (deleted) return false;
      if (current === undefined) return before === undefined || before.has(name);
      return current.exports.route === undefined && current.exports.hooks.length > 0;
    })
    .map(({ name }) => ({ use: name, options: {} }));
}

function chainOf(path: string, table: RouteTable | undefined): ReadonlySet<string> | undefined {
  const route = table?.routes.find(({ config }) => config.path === path);
  return route && new Set(route.chain.map(({ policy }) => policy));
}

/** The route that a policy brings itself: its chain is what the route lists, then the policy. */
function claimOf(policy: PlannedPolicy, config: GatewayConfig, problems: string[]): Claim[] {
  const route = policy.current?.exports.route;
  if (route === undefined || policy.deleted) return [];
  try {
    const resolved = resolveRoute(route, policy.file, config);
    const listed = resolved.policies === "*" ? [] : resolved.policies;
    const uses = listed.some(({ use }) => use === policy.name)
      ? listed
      : [...listed, { use: policy.name, options: {} }];
    return [{ key: pathKey(resolved.path), origin: policy.file, config: resolved, uses }];
  } catch (error) {
    problems.push((error as Error).message);
    return [];
  }
}

/** One owner a path. Where two claim it and neither had it before, nobody gets it: either chain could be the wrong one. */
function settleClaims(
  claims: readonly Claim[],
  before: RouteTable | undefined,
  problems: string[],
): { winners: Claim[]; owners: Map<string, string> } {
  const byKey = Map.groupBy(claims, ({ key }) => key);
  const winners: Claim[] = [];
  const owners = new Map<string, string>();
  for (const [key, rivals] of byKey) {
    const winner =
      rivals.length === 1 ? rivals[0] : rivals.find(({ origin }) => origin === before?.owners.get(key));
    if (rivals.length > 1) {
      const files = rivals.map(({ origin }) => origin).join(" and ");
      const outcome = winner === undefined ? "the path is not served" : `${winner.origin} keeps it`;
      problems.push(
        `the path "${rivals[0].config.path}" is claimed by ${files}; until one of them gives it up, ${outcome}`,
      );
    }
    if (winner === undefined) continue;
    winners.push(winner);
    owners.set(key, winner.origin);
  }
  return { winners, owners };
}

function findChainProblems(claim: Claim, byName: ReadonlyMap<string, PlannedPolicy>): string[] {
  const where = `${claim.origin}: route "${claim.config.path}"`;
  return claim.uses.flatMap(({ use }) => {
    const policy = byName.get(use);
    if (policy === undefined) {
      const near = suggestName(use, [...byName.keys()]);
      const hint = near === undefined ? "" : ` (did you mean "${near}"?)`;
      return [
        `${where} names the policy "${use}", and the folder has no such file${hint}; its connections are refused`,
      ];
    }
    if (policy.deleted)
      return [`${where} names the policy "${use}", whose file is gone; its last version keeps running`];
    if (policy.current?.exports.hooks.length === 0) {
      return [
        `${where} names the policy "${use}", which exports no hook: expected upgrade, client, server or close`,
      ];
    }
    return [];
  });
}
