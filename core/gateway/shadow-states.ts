import type { ViewedShadow } from "../admin/gateway-view.ts";
import { wordProblem } from "../routes/problems.ts";
import { nameOfShadow, type ShadowPlan, type WantedShadow } from "../routes/shadow-plan.ts";
import type { ShadowSources } from "./shadow-sources.ts";

/** @param wanted by the config; those of versions on their way only the plan has */
export function readShadowStates(
  wanted: readonly WantedShadow[],
  { uses, shadows, problems }: ShadowPlan,
  find: ShadowSources["find"],
): readonly ViewedShadow[] {
  const configured = Map.groupBy(wanted, ({ policy, config }) => nameOfShadow(policy, config));
  const own = [...configured].flatMap(([name, [first, ...others]]): ViewedShadow[] => {
    if (first === undefined) return [];
    const { policy, config } = first;
    const { from, folder } = config;
    const version = shadows.find((shadow) => shadow.name === name)?.version ?? "";
    const said = problems.find(
      (problem) =>
        (problem.code === "no-shadow" || problem.code === "shadow-options") &&
        problem.policy === policy &&
        problem.from === from,
    );
    const problem = find(folder, config.policy ?? policy)?.problem ?? (said && wordProblem(said).inLog) ?? "";
    const routes = [...new Set([first, ...others].map(({ route }) => route))];
    return [{ name, policy, from, version, routes, problem }];
  });
  const onTheirWay = shadows
    .filter(({ isCanary }) => isCanary)
    .map(({ name, policy, from, version }): ViewedShadow => {
      const routes = [...uses].flatMap(([route, ofRoute]) =>
        ofRoute.some(({ shadow }) => shadow === name) ? [route] : [],
      );
      return { name, policy, from, version, routes, problem: "" };
    });
  return [...own, ...onTheirWay];
}
