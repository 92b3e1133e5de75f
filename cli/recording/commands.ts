import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../../core/config/amounts.ts";
import { withGateway } from "../admin/admin-options.ts";

/** `record` and `replay`: what policies would make of traffic that has been. */
export function addRecordingCommands(program: Command): void {
  withGateway(
    program
      .command("record")
      .description("Write sessions that a running gateway has recorded into a file, to replay them.")
      .option("--route <name>", "only of this route")
      .option("--session <id>", "only this one")
      .option(
        "--filter <filter>",
        "only those of which a record fits, such as 'attribute.user:anna outcome:failed'",
      )
      .option("--for <time>", "what passes from now on, for so long, such as 1m", parseTime)
      .option("--out <file>", "where to write it (default: framegate-TIME.ndjson here)"),
  )
    .addHelpText("after", RECORD_HELP)
    .action(async (options) => (await import("./record.ts")).recordSessions(options));

  program
    .command("replay")
    .description("Run recorded sessions through policies, and say what comes out otherwise.")
    .argument("<file>", "a recording, or a HAR file with WebSockets")
    .option("--policies <dir>", "folder of the policies (default: that of the config, else ./policies)")
    .option("-c, --config <file>", "the config file that has the routes (default: framegate.config.* here)")
    .option("--against <dir or revision>", "compare with these policies: a folder, or a revision of git")
    .option("--accept", "take what differs now as right: write it into the baseline")
    .option("--baseline <file>", "differences that were accepted (default: <file>.baseline.json)")
    .option("--junit <file>", "write a report as CI servers read the results of tests")
    .option("--sarif <file>", "write a report as SARIF 2.1.0")
    .option("--json", "print the report as JSON")
    .addHelpText("after", REPLAY_HELP)
    .action(async (file, options) => (await import("./replay.ts")).replayFile(file, options));
}

/** Timers cannot wait for longer. */
const MAX_WAIT_MS = 24 * 3600 * 1000;

function parseTime(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0 && ms <= MAX_WAIT_MS) return ms;
  throw new InvalidArgumentError('Expected a time of at most 24h, such as "30s" or "1m".');
}

const RECORD_HELP = `
Routes are recorded that have \`recording\` in the config; with \`recording: { payload: "1MiB" }\` whole messages, which a replay
needs. Secrets are hidden; with the console's \`token\`, not its \`readerToken\`, equal ones alike. The file must not be there yet.

Examples:
  framegate record --route /orders --out monday.ndjson
  framegate record --for 5m`;

const REPLAY_HELP = `
Without --against it compares with what happened when the file was recorded. Time, randomness and what \`kv\` and \`fetch\`
answer come from the recording: two runs print the same. Exit code: 0 when all is as it was or has been accepted, 1 when
something new differs, 2 when the command cannot be understood.

Examples:
  framegate replay monday.ndjson --policies ./policies
  framegate replay monday.ndjson --against HEAD~1
  framegate replay monday.ndjson --accept`;
