import type { GatewayConfig } from "../core/config/index.ts";
import { planRoutes } from "../core/routes/planner.ts";
import { wordHookless, wordProblem } from "../core/routes/problems.ts";
import type { PolicySource } from "../policies/folder.ts";
import { hasNoEffect } from "../policies/reload/policy-state.ts";
import type { LoadedPolicy } from "./check-policies.ts";
import type { Problem } from "./problem.ts";

/**
 * What a gateway that starts with this config and these policies would say of its routes, and of the policies that it
 * would not load because they do nothing.
 *
 * @param sources all policies, also those that could not be loaded
 */
export function findRouteProblems(
  config: GatewayConfig,
  sources: readonly Pick<PolicySource, "name" | "file">[],
  loaded: readonly LoadedPolicy[],
): Problem[] {
  const idle = loaded.filter(({ exports }) => hasNoEffect(exports));
  const byName = new Map(loaded.map((policy) => [policy.name, policy]));
  const { problems } = planRoutes(
    config,
    sources.map(({ name, file }) => {
      const current = byName.get(name);
      return { name, file, ...(current && !idle.includes(current) && { current }) };
    }),
  );
  return distinct([
    ...problems.flatMap((problem) => wordProblem(problem).inFiles),
    ...idle.map(({ file }) => wordHookless(file)),
  ]);
}

/** Two routes that share several hosts contest a path as often, and several can name one policy that does nothing. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.place}: ${problem.message}`, problem])).values()];
}
