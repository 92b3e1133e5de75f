import type { GatewayConfig } from "../../core/config/index.ts";
import type { PolicyGroups } from "../../core/routes/isolation.ts";
import { addPackGrants, wordGrantProblem } from "../../core/routes/pack-grants.ts";
import { planRoutes, type RouteTable } from "../../core/routes/planner.ts";
import { wordHookless, wordProblem } from "../../core/routes/problems.ts";
import { wordUnseenHttp } from "../../core/routes/unseen-http.ts";
import type { PolicySource } from "../../policies/folder.ts";
import { hasNoEffect } from "../../policies/reload/policy-state.ts";
import { checkOptions } from "../../policies/use-options.ts";
import { WORKER_GROUP } from "../../sandbox/index.ts";
import type { Problem } from "../problem.ts";
import type { LoadedPolicy } from "./policies.ts";

export interface RouteFindings {
  readonly problems: readonly Problem[];
  /** Of the policies that do not share a host process with all others. */
  readonly groups: PolicyGroups;
  /** That they want. */
  readonly shadows: RouteTable["shadows"];
  /** What works as it is, and hardly as it was meant: a line each. */
  readonly notes: readonly string[];
}

/**
 * What a gateway that starts with this config and these policies would say of its routes, of what packs ask for, and of
 * the policies that it would not load because they do nothing.
 *
 * @param sources all policies, also those that could not be loaded
 */
export function examineRoutes(
  config: GatewayConfig,
  sources: readonly Pick<PolicySource, "name" | "file">[],
  loaded: readonly Omit<LoadedPolicy, "code">[],
): RouteFindings {
  const idle = loaded.filter(({ exports }) => hasNoEffect(exports));
  const running = new Map(
    loaded.filter((policy) => !idle.includes(policy)).map((policy) => [policy.name, policy]),
  );
  const table = planRoutes(
    config,
    sources.map(({ name, file }) => {
      const current = running.get(name);
      return { name, file, ...(current && { current }) };
    }),
    checkOptions,
  );
  const { problems } = addPackGrants(config.capabilities.grants, agreedTo([...running.values()]));
  const unseen = wordUnseenHttp(table.routes, (policy) => running.get(policy)?.exports.hooks ?? []);
  const words = [...table.problems.map(wordProblem), ...problems.map(wordGrantProblem)];
  return {
    problems: distinct([
      ...words.flatMap(({ inFiles }) => inFiles),
      ...idle.map(({ file }) => wordHookless(file)),
    ]),
    groups: table.groups,
    shadows: table.shadows,
    notes: unseen === undefined ? [] : [unseen],
  };
}

/** A line for each process that holds policies beside the shared host; first of all, those that can bring down a worker. */
export function wordGroups(groups: PolicyGroups): string[] {
  const members = new Map<string, string[]>();
  for (const [policy, group] of groups) members.set(group, [...(members.get(group) ?? []), policy]);
  const held = members.get(WORKER_GROUP)?.toSorted() ?? [];
  members.delete(WORKER_GROUP);
  const lines = held.map(
    (policy) => `in the worker itself, which it can hang or crash with all of its connections: ${policy}`,
  );
  const apart = [...members].map(([group, policies]) => {
    const [kind = "", name = ""] = group.split(/:(.*)/s);
    if (kind === "own") return `in a host process of its own: ${name}`;
    return `in a host process of the pack ${name}: ${policies.toSorted().join(", ")}`;
  });
  return [...lines, ...apart];
}

/** A line for each route of which somebody else gets copies. */
export function wordMirrors({ routes }: Pick<GatewayConfig, "routes">): string[] {
  return routes.flatMap(({ name, mirror }) => {
    if (mirror === undefined) return [];
    const { upstream, sample, origins, sendsCredentials } = mirror;
    const share = sample === 1 ? "all sessions" : `${Number((sample * 100).toFixed(4))} % of the sessions`;
    const to = typeof upstream === "string" ? upstream : upstream.name;
    const whose = origins.join(" and ");
    const shown = sendsCredentials ? "with" : "without";
    return [
      `mirror: ${to} gets the ${whose} messages of ${share} of ${name}, ${shown} the clients' credentials`,
    ];
  });
}

function agreedTo(
  policies: readonly Pick<LoadedPolicy, "name" | "packed">[],
): Parameters<typeof addPackGrants>[1] {
  return Object.fromEntries(policies.flatMap(({ name, packed }) => (packed ? [[name, packed.grants]] : [])));
}

/** Two routes that share several hosts contest a path as often, and several can name one policy that does nothing. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.place}: ${problem.message}`, problem])).values()];
}
