import type { GatewayConfig } from "../core/config/index.ts";
import { addPackGrants, wordGrantProblem } from "../core/routes/pack-grants.ts";
import { planRoutes } from "../core/routes/planner.ts";
import { wordHookless, wordProblem } from "../core/routes/problems.ts";
import type { PolicySource } from "../policies/folder.ts";
import { hasNoEffect } from "../policies/reload/policy-state.ts";
import type { LoadedPolicy } from "./check-policies.ts";
import type { Problem } from "./problem.ts";

/**
 * What a gateway that starts with this config and these policies would say of its routes, of what packs ask for, and of
 * the policies that it would not load because they do nothing.
 *
 * @param sources all policies, also those that could not be loaded
 */
export function findRouteProblems(
  config: GatewayConfig,
  sources: readonly Pick<PolicySource, "name" | "file">[],
  loaded: readonly LoadedPolicy[],
): Problem[] {
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
  );
  const { problems } = addPackGrants(config.capabilities.grants, agreedTo([...running.values()]));
  const words = [...table.problems.map(wordProblem), ...problems.map(wordGrantProblem)];
  return distinct([
    ...words.flatMap(({ inFiles }) => inFiles),
    ...idle.map(({ file }) => wordHookless(file)),
  ]);
}

function agreedTo(policies: readonly LoadedPolicy[]): Parameters<typeof addPackGrants>[1] {
  return Object.fromEntries(policies.flatMap(({ name, packed }) => (packed ? [[name, packed.grants]] : [])));
}

/** Two routes that share several hosts contest a path as often, and several can name one policy that does nothing. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.place}: ${problem.message}`, problem])).values()];
}
