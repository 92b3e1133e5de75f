import type { Command } from "commander";
import { withGateway } from "./admin-options.ts";

/** The commands that look at all machines of a fleet. */
export function addFleetCommands(program: Command): void {
  const fleet = program
    .command("fleet")
    .description("See the machines that share a `cluster`: what each runs, and since when.")
    .helpCommand(false);

  withGateway(fleet.command("status"))
    .description("Show the machines, what is otherwise on one than on most, and who does not answer.")
    .action(async (options) => (await import("./fleet.ts")).showFleet(options));
}
