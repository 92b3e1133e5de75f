import { type RouteProblem, wordProblem } from "../../../routes/problems.ts";
import type { ProblemView } from "./problem-schema.ts";

/** What stands in the way of a route. What policies, rollouts and shadows say of themselves is told with those. */
export function viewRouteProblem(problem: RouteProblem): readonly ProblemView[] {
  const say = (tone: ProblemView["tone"], name: string, text: string): readonly ProblemView[] => [
    { kind: "route", tone, name, text, detail: wordProblem(problem).inLog, time: 0 },
  ];
  switch (problem.code) {
    case "invalid-route":
      return say("bad", problem.file, "brings a route that is none: it is not served");
    case "contested-path": {
      const [{ path = "" } = {}] = problem.claimants;
      return say("bad", path, "is claimed by several routes");
    }
    case "namesake":
      return say("bad", problem.name, "is the name of a second route, which is not served");
    case "unknown-policy":
      return problem.isKept
        ? say(
            "warn",
            problem.route,
            "names a policy that is not there: those that it had stay until the next start, which refuses its connections",
          )
        : say("bad", problem.route, "names a policy that is not there: its connections are refused");
    case "no-hooks":
      return say("warn", problem.route, "names a policy that does nothing");
    case "wrong-options":
      return problem.isKept
        ? say("warn", problem.route, "has options that a policy does not take: the last good ones stay")
        : say("bad", problem.route, "has options that a policy does not take: its connections are refused");
    case "policy-gone":
    case "canary-options":
    case "no-shadow":
    case "shadow-options":
      return [];
  }
}
