import type { Command } from "commander";

/** `record` and `replay`: what policies would make of traffic that has been. */
export function addRecordingCommands(program: Command): void {
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

const REPLAY_HELP = `
Without --against it compares with what happened when the file was recorded. Time, randomness and what \`kv\` and \`fetch\`
answer come from the recording: two runs print the same. Exit code: 0 when all is as it was or has been accepted, 1 when
something new differs, 2 when the command cannot be understood.

Examples:
  framegate replay monday.ndjson --policies ./policies
  framegate replay monday.ndjson --against HEAD~1
  framegate replay monday.ndjson --accept`;
