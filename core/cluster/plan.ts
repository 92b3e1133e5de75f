import { missingFromPack, parsePolicyName } from "../../policies/pack/pack-name.ts";
import { suggestName } from "../../policies/suggestion.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { PolicyBinding, PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import {
  type GatewayConfig,
  type PolicyUse,
  type RouteConfig,
  resolveRoute,
  routeKeys,
} from "../config/index.ts";
import type { RoutePlan } from "../route-runtime.ts";

/** A policy of the folder, as far as the plan cares. */
export interface PlannedPolicy {
  readonly name: string;
  readonly file: string;
  /** The newest version that could be loaded. */
  readonly current?: { readonly bundle: PolicyBundle; readonly exports: PolicyExports };
  readonly deleted?: boolean;
}

/** What of a policy may be a route. */
type ClaimingPolicy = Pick<PlannedPolicy, "name" | "file" | "deleted"> & {
  readonly current?: Pick<NonNullable<PlannedPolicy["current"]>, "exports">;
};

export interface RouteTable {
  readonly routes: readonly RoutePlan[];
  /** One sentence each, for the one who wrote the config or the policy. */
  readonly problems: readonly string[];
  /** Which file brought each route, by each of its keys. */
  readonly owners: ReadonlyMap<string, string>;
}

interface Claim {
  readonly keys: readonly string[];
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
      keys: routeKeys(route.path, route.match),
      origin: configFile,
      config: route,
      uses: route.policies === "*" ? usesOfFolder(policies, chainOf(route.name, before)) : route.policies,
    }),
  );
  const dropIns = policies.flatMap((policy) => claimOf(policy, config, problems));
  const { winners, owners } = settleClaims([...configured, ...dropIns], before, problems);

  for (const claim of winners) problems.push(...findChainProblems(claim, byName));
  const routes = winners.map(
    (claim): RoutePlan => ({ config: claim.config, chain: planChain(claim, byName, before, problems) }),
  );
  return { routes, problems, owners };
}

/** Names of the policies that routes list, of the config and of policies. What is wrong with a route, its plan says. */
export function usedPolicies(config: GatewayConfig, policies: readonly ClaimingPolicy[]): string[] {
  const routes = [
    ...config.routes,
    ...policies.flatMap((policy) => claimOf(policy, config, []).map(({ config: route }) => route)),
  ];
  return routes.flatMap(({ policies: uses }) => (uses === "*" ? [] : uses.map(({ use }) => use)));
}

/** The uses that are enabled, each with its options as the policy's schema has them. */
function planChain(
  { config: route, origin, uses }: Claim,
  byName: ReadonlyMap<string, PlannedPolicy>,
  before: RouteTable | undefined,
  problems: string[],
): PolicyBinding[] {
  const chainBefore = before?.routes.find(({ config }) => config.name === route.name)?.chain ?? [];
  const seen = new Map<string, number>();
  return uses
    .filter(({ enabled }) => enabled)
    .map(({ use, options: given, hooks }) => {
      const nth = seen.get(use) ?? 0;
      seen.set(use, nth + 1);
      const schema = byName.get(use)?.current?.exports.optionsSchema;
      const binding = { route: route.name, ...(hooks && { hooks }) };
      const checked = checkOptions(schema, given);
      if ("options" in checked) return { policy: use, ...binding, options: checked.options };

      const lastGood = chainBefore.filter(({ policy }) => policy === use)[nth];
      // What a newer version of the policy does not take was good for the older one only.
      const kept = lastGood && checkOptions(schema, lastGood.options);
      const isKept = kept !== undefined && "options" in kept;
      const outcome = isKept ? "the last good options stay" : "its connections are refused";
      problems.push(`${origin}: route "${route.name}", policy "${use}": ${checked.problem}; ${outcome}`);
      return isKept
        ? { policy: use, ...binding, options: kept.options }
        : { policy: nameOfRefused(use), ...binding, options: {} };
    });
}

/** No policy has this name, so that its calls fail as those of a policy without a version do. */
function nameOfRefused(use: string): string {
  return `${use} (options refused)`;
}

/**
 * What "*" stands for: policies of the folder's own files. A policy that never loaded counts if it was there when the gateway started, and goes on counting:
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
      if (deleted || parsePolicyName(name)) return false;
      if (current === undefined) return before === undefined || before.has(name);
      return current.exports.route === undefined && current.exports.hooks.length > 0;
    })
    .map(({ name }) => ({ use: name, options: {}, enabled: true }));
}

function chainOf(name: string, table: RouteTable | undefined): ReadonlySet<string> | undefined {
  const route = table?.routes.find(({ config }) => config.name === name);
  return route && new Set(route.chain.map(({ policy }) => policy));
}

/** The route that a policy brings itself: its chain is what the route lists, then the policy. */
function claimOf(policy: ClaimingPolicy, config: GatewayConfig, problems: string[]): Claim[] {
  const route = policy.current?.exports.route;
  if (route === undefined || policy.deleted) return [];
  try {
    const resolved = resolveRoute(route, policy.file, config);
    const listed = resolved.policies === "*" ? [] : resolved.policies;
    const uses = listed.some(({ use }) => use === policy.name)
      ? listed
      : [...listed, { use: policy.name, options: {}, enabled: true }];
    return [{ keys: routeKeys(resolved.path, resolved.match), origin: policy.file, config: resolved, uses }];
  } catch (error) {
    problems.push((error as Error).message);
    return [];
  }
}

/** One owner a key. Where two claim it and neither had it before, nobody gets it: either chain could be the wrong one. */
function settleClaims(
  claims: readonly Claim[],
  before: RouteTable | undefined,
  problems: string[],
): { winners: Claim[]; owners: Map<string, string> } {
  const contested = new Map<string, Claim[]>();
  for (const claim of claims) {
    for (const key of claim.keys) contested.set(key, [...(contested.get(key) ?? []), claim]);
  }
  const winnerOf = (key: string): Claim | undefined => {
    const rivals = contested.get(key) ?? [];
    return rivals.length === 1 ? rivals[0] : rivals.find(({ origin }) => origin === before?.owners.get(key));
  };
  for (const [key, rivals] of contested) {
    if (rivals.length === 1) continue;
    const files = rivals.map(({ origin }) => origin).join(" and ");
    const winner = winnerOf(key);
    const outcome = winner === undefined ? "the path is not served" : `${winner.origin} keeps it`;
    problems.push(
      `the path "${rivals[0].config.path}" is claimed by ${files}; until one of them gives it up, ${outcome}`,
    );
  }
  const winners = findNamesakes(
    claims.filter((claim) => claim.keys.every((key) => winnerOf(key) === claim)),
    problems,
  );
  const owners = new Map(
    winners.flatMap(({ keys, origin }) => keys.map((key): [string, string] => [key, origin])),
  );
  return { winners, owners };
}

/** Of two routes of one name the first stays: a name stands for one route in the log, the metrics and the sessions. */
function findNamesakes(claims: readonly Claim[], problems: string[]): Claim[] {
  const byName = new Map<string, Claim>();
  for (const claim of claims) {
    const first = byName.get(claim.config.name);
    if (first === undefined) byName.set(claim.config.name, claim);
    else
      problems.push(
        `${claim.origin}: the route's name "${claim.config.name}" is that of a route of ${first.origin} already; until it has another, it is not served`,
      );
  }
  return [...byName.values()];
}

function findChainProblems(claim: Claim, byName: ReadonlyMap<string, PlannedPolicy>): string[] {
  const where = `${claim.origin}: route "${claim.config.name}"`;
  return claim.uses.flatMap(({ use, enabled }) => {
    if (!enabled) return [];
    const policy = byName.get(use);
    const pack = parsePolicyName(use)?.pack;
    if (policy === undefined && pack !== undefined) {
      return [
        `${where} names the policy "${use}", and ${missingFromPack(pack, [...byName.keys()])}; its connections are refused`,
      ];
    }
    if (policy === undefined) {
      const near = suggestName(use, [...byName.keys()]);
      const hint = near === undefined ? "" : ` (did you mean "${near}"?)`;
      return [
        `${where} names the policy "${use}", and the folder has no such file${hint}; its connections are refused`,
      ];
    }
    if (policy.deleted && pack !== undefined)
      return [`${where} names the policy "${use}", whose pack is gone; its last version keeps running`];
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
