import type { Command } from "commander";
import { parseCode, withGateway, withPace } from "./admin-options.ts";

/** The commands that take routes and servers of a running gateway out of service. */
export function addDrainCommands(program: Command): void {
  const drain = program
    .command("drain")
    .description("Take a route, a server or all of a running gateway out of service.")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);

  withDrain(drain.command("route"), 1001, ", and /readyz?route=NAME says no")
    .description("Let nobody else in at a route, and close its sessions.")
    .argument("<name>", "the route's name")
    .action(async (name, options) => (await import("./drains.ts")).drainRoute(name, options));

  withDrain(drain.command("upstream"), 1012, "")
    .description("Send nobody else to the servers of an upstream, and close their sessions.")
    .argument("<name>", "the upstream's name")
    .option("--target <url>", "only this server of it, as the config has it")
    .action(async (name, options) => (await import("./drains.ts")).drainUpstream(name, options));

  withDrain(drain.command("gateway"), 1001, ", and /readyz says no")
    .description("Let nobody else in, and close all sessions; the gateway goes on running.")
    .action(async (options) => (await import("./drains.ts")).drainGateway(options));

  withGateway(drain.command("list"))
    .description("Say what is drained.")
    .action(async (options) => (await import("./drains.ts")).listDrains(options));
}

/** @param meanwhile who hears of it while it waits for its time */
function withDrain(command: Command, code: number, meanwhile: string): Command {
  return withGateway(withPace(command))
    .option("--code <code>", `the code of the Close (default: ${code})`, parseCode)
    .option("--reason <text>", "its reason, which both sides can read")
    .option("--delay <time>", `begin so much later, such as 30s: connections are still taken${meanwhile}`)
    .option("--end", "take connections again; sessions that are left stay");
}

const EXAMPLES = `
Examples:
  framegate drain route /chat --rate 50/s
  framegate drain upstream orders --target ws://10.0.0.7:3000 --over 5m --jitter 0.5
  framegate drain upstream orders --target ws://10.0.0.7:3000 --end
  framegate drain gateway --delay 30s --over 5m`;
