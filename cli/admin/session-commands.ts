import { type Command, InvalidArgumentError } from "commander";
import { parseCode, withGateway, withPace } from "./admin-options.ts";

/** The commands that look at the open sessions of a running gateway, and steer them. */
export function addSessionCommands(program: Command): void {
  const sessions = program
    .command("sessions")
    .description("See, count, close, move and renew the open sessions of a running gateway.")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);

  withGateway(withFilter(sessions.command("list")))
    .description("List those that fit all that is given, newest first.")
    .option("--limit <count>", "so many at most, up to 1000 (default: 50)", parseLimit)
    .option("--before <place>", "the page behind this place, which the page before has named")
    .action(async (options) => (await import("./sessions.ts")).listSessions(options));

  withGateway(withFilter(sessions.command("count")))
    .description("Say how many fit all that is given.")
    .action(async (options) => (await import("./sessions.ts")).countSessions(options));

  withGateway(withChoice(sessions.command("close")))
    .description("Close those that fit all that is given.")
    .option("--code <code>", "the code of the Close: 1000 to 1014 or 3000 to 4999 (default: 1001)", parseCode)
    .option("--reason <text>", "its reason, which both sides can read")
    .action(async (options) => (await import("./steer-sessions.ts")).closeSessions(options));

  withGateway(withChoice(sessions.command("move")))
    .description("Ask the clients of those that fit to go elsewhere.")
    .option("--message <text>", "send each client this text message, in a form that it understands")
    .option("--hint <text>", "close with 1012 and this reason, after the message")
    .action(async (options) => (await import("./steer-sessions.ts")).moveSessions(options));

  withGateway(withChoice(sessions.command("renew")))
    .description("Have the policies of those that fit say anew who they are: calls their `renew` hooks.")
    .action(async (options) => (await import("./steer-sessions.ts")).renewSessions(options));

  withGateway(sessions.command("progress"))
    .description("Say how far what is done at a rate is.")
    .option("--stop <id>", "leave the rest of this one alone")
    .action(async (options) => (await import("./steer-sessions.ts")).showProgress(options));
}

function withFilter(command: Command): Command {
  return command
    .option("--session <id>", "this one, by its id")
    .option("--route <name>", "of this route")
    .option(
      "--client <address>",
      "whose client has this address, with its port or not, or these first groups of it (10.1), or is in this network (10.0.0.0/8)",
    )
    .option(
      "--attribute <name=value>",
      "with this attribute; without a value, that have one of the name; may be repeated",
      (text: string, others: readonly string[] = []) => [...others, text],
    )
    .option("--policy <name[@version]>", "that go through this policy, in a version that begins so")
    .option("--subprotocol <name>", "with this subprotocol")
    .option("--older <time>", "opened so long ago or longer, such as 5m")
    .option("--younger <time>", "opened less long ago, such as 30s")
    .option("--upstream <name>", "whose server is of this upstream")
    .option("--target <url>", "with --upstream: whose server is this one");
}

function withChoice(command: Command): Command {
  return withPace(withFilter(command)).option("--all", "all of them, where nothing says which");
}

function parseLimit(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError("Expected a whole number from 1 to 1000.");
}

const EXAMPLES = `
Examples:
  framegate sessions list --route /chat --attribute user=anna
  framegate sessions close --attribute user=anna --code 4001 --reason "signed out"
  framegate sessions close --policy guard@3f2a --older 1h --rate 50/s --dry-run
  framegate sessions move --client 10.1.0.0/16 --hint "wss://eu.example.com" --rate 600/m`;
