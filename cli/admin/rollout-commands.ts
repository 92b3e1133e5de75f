import type { Command } from "commander";
import { withGateway } from "./admin-options.ts";

/** The commands that look at versions of policies that come step by step, and say what becomes of them. */
export function addRolloutCommands(program: Command): void {
  const rollout = program
    .command("rollout")
    .description(
      "See how new versions of policies come to the sessions of a running gateway, and steer them.",
    )
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);

  withGateway(rollout.command("status"))
    .description("Show the versions that are on their way, or were taken back.")
    .argument("[policy]", "only of this policy")
    .action(async (policy, options) => (await import("./rollouts.ts")).showRollouts(policy, options));

  withGateway(rollout.command("promote"))
    .description("Go on to the next step; of a version that was taken back, begin again.")
    .argument("<policy>", "the policy")
    .option("--to <share>", "to this share of the sessions at once, such as 50% or 100%")
    .action(async (policy, options) => (await import("./rollouts.ts")).promoteRollout(policy, options));

  for (const [word, description] of Object.entries(WORDS) as [keyof typeof WORDS, string][])
    withGateway(rollout.command(word))
      .description(description)
      .argument("<policy>", "the policy")
      .action(async (policy, options) => (await import("./rollouts.ts")).steerRollout(word, policy, options));
}

const WORDS = {
  abort: "Take the version back: the one before serves all sessions.",
  pause: "Stay at this step. The version is still taken back when it does harm.",
  resume: "Go on from this step.",
} as const;

const EXAMPLES = `
Examples:
  framegate rollout status
  framegate rollout promote orders --to 100%
  framegate rollout abort orders`;
