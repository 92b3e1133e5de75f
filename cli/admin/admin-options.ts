import { type Command, InvalidArgumentError } from "commander";

/** The options by which a command finds the running gateway that it asks: `AdminFlags` then. */
export function withGateway(command: Command): Command {
  return command
    .option(
      "--gateway <url>",
      "the gateway's console (default: that of the config file, else http://127.0.0.1:9090)",
    )
    .option(
      "--token <token>",
      "what lets in there; others see it in the list of processes (default: FRAMEGATE_TOKEN, else, without --gateway, that of the config file)",
    )
    .option("-c, --config <file>", "the config file of that gateway (default: framegate.config.* here)")
    .option("--json", "print what the gateway answers");
}

/** How what is done to many is done. */
export function withPace(command: Command): Command {
  return command
    .option(
      "--rate <rate>",
      "so many at most, over all workers and nodes, such as 50/s or 600/m; goes on by itself",
    )
    .option("--over <time>", "at even distances over so long, such as 5m; goes on by itself")
    .option(
      "--jitter <share>",
      "from 0 to 1: by how much of its distance to the next each may come late",
      parseShare,
    )
    .option("--dry-run", "only say which and how many it would be")
    .option("-y, --yes", "do not ask; without a terminal nothing is done otherwise");
}

export function parseCode(text: string): number {
  const value = /^\d{4}$/.test(text) ? Number(text) : 0;
  if ((value >= 1000 && value <= 1014) || (value >= 3000 && value <= 4999)) return value;
  throw new InvalidArgumentError("Expected 1000 to 1014 or 3000 to 4999.");
}

function parseShare(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 1) return value;
  throw new InvalidArgumentError("Expected a number from 0 to 1.");
}
