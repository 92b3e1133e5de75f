import { isOwnPack, parsePolicyName } from "../../policies/pack/pack-name.ts";
import { WORKER_GROUP } from "../../sandbox/index.ts";
import type { GatewayConfig, Isolation } from "../config/index.ts";
import type { RouteClaim } from "./claims.ts";

/** Policies by the process that they run in: those of one group share it. Plain data, for it goes to workers. */
export type PolicyGroups = readonly (readonly [policy: string, group: string])[];

type Defaults = { readonly [Key in "sandbox" | "packs"]: Pick<GatewayConfig[Key], "isolation"> };

const RANK = { worker: 0, shared: 1, pack: 2, own: 3 } as const satisfies Record<Isolation | "pack", number>;

/**
 * The groups of the policies that are not in the shared one. A policy has one isolate a worker, whichever routes use it:
 * the strictest of its uses counts.
 */
export function planGroups(claims: readonly RouteClaim[], defaults: Defaults): PolicyGroups {
  const wanted = new Map<string, keyof typeof RANK>();
  for (const { uses, config } of claims) {
    for (const { use, enabled, isolation = defaultOf(use, config.isolation, defaults) } of uses) {
      if (!enabled) continue;
      const before = wanted.get(use) ?? isolation;
      wanted.set(use, RANK[isolation] > RANK[before] ? isolation : before);
    }
  }
  return [...wanted].flatMap(([policy, isolation]) => {
    const group = groupOf(policy, isolation);
    return group === undefined ? [] : [[policy, group] as const];
  });
}

/** Whether it is certain, before any route is planned, that a policy is in the shared group: nobody else's, and nobody wants one apart. */
export function isSurelyShared(policy: string, config: LevelsConfig): boolean {
  return packOf(policy) === undefined && wantedLevels(config).every((level) => level === "shared");
}

/** Whether workers have to be made for it. */
export function wantsWorkers(config: LevelsConfig): boolean {
  return wantedLevels(config).includes("worker");
}

/** The limits of policies inside of workers whose end a worker that answers nobody meanwhile does not live to see. */
export function limitsBeyondSilence(config: LevelsConfig & Pick<GatewayConfig, "workerSilenceMs">): string[] {
  const { workerSilenceMs } = config;
  if (workerSilenceMs === 0 || !wantsWorkers(config)) return [];
  const { messageTimeoutMs, upgradeTimeoutMs, loadTimeoutMs } = config.sandbox.limits;
  // A load is two entries.
  const longest = {
    messageTimeout: messageTimeoutMs,
    upgradeTimeout: upgradeTimeoutMs,
    loadTimeout: 2 * loadTimeoutMs,
  };
  return Object.entries(longest).flatMap(([name, ms]) => (ms < workerSilenceMs ? [] : [`sandbox.${name}`]));
}

type LevelsConfig = Pick<GatewayConfig, "sandbox" | "routes">;

function wantedLevels({ sandbox, routes }: LevelsConfig): readonly Isolation[] {
  const ofRoutes = routes.flatMap(({ isolation, policies }) => [
    isolation,
    ...(policies === "*" ? [] : policies.map((use) => use.isolation)),
  ]);
  return [sandbox.isolation, ...ofRoutes].filter((level) => level !== undefined);
}

/** The packs that come with the gateway are its own: they count as the folder's. Other packs leave theirs by a word of their use, or `packs.isolation`, which may not be "worker". */
function defaultOf(policy: string, route: Isolation | undefined, { sandbox, packs }: Defaults) {
  const isForeign = packOf(policy) !== undefined;
  if (route === "own" || !isForeign) return route ?? sandbox.isolation;
  return packs.isolation;
}

/** @param group Undefined: a policy that has none of its own. */
export function isolationOf(group: string | undefined): keyof typeof RANK {
  if (group === undefined) return "shared";
  if (group === WORKER_GROUP) return "worker";
  return group.startsWith("own:") ? "own" : "pack";
}

function groupOf(policy: string, isolation: keyof typeof RANK): string | undefined {
  if (isolation === "own") return `own:${policy}`;
  if (isolation === "worker") return WORKER_GROUP;
  const pack = isolation === "pack" ? packOf(policy) : undefined;
  return pack === undefined ? undefined : `pack:${pack}`;
}

function packOf(policy: string): string | undefined {
  const pack = parsePolicyName(policy)?.pack;
  return pack === undefined || isOwnPack(pack) ? undefined : pack;
}
