import { type Command, Option } from "commander";

/** `asyncapi` and `infer`: policies from what is known of messages already. */
export function addDescriptionCommands(program: Command): void {
  program
    .command("asyncapi")
    .description("Write a policy, types and tests from an AsyncAPI document; run again, say what changed.")
    .argument("<file>", "an AsyncAPI document, 3 or 2.6, in YAML or JSON")
    .option("-c, --config <file>", "the config file (default: framegate.config.* here)")
    .option("--out <dir>", "where to write (default: the config's policies folder, else ./policies)")
    .option("--name <name>", "what the policy is called (default: as the file, or the document's title)")
    .option(
      "--channel <name>",
      "the channel of the connection; may be repeated, where several share one",
      (name: string, others: readonly string[] = []) => [...others, name],
    )
    .addOption(
      new Option("--describes <side>", "whom the document is about: the server, unless set, or the client")
        .choices(["server", "client"])
        .default("server"),
    )
    .option("--pass-unchecked", "let messages pass that cannot be checked: no JSON, or no JSON Schema")
    .option("--write", "replace files that were edited by hand, too")
    .option("--check", "write nothing; exit code 1 when something would be written")
    .addHelpText("after", ASYNCAPI_HELP)
    .action(async (file, options) => (await import("./asyncapi.ts")).writeAsyncApi(file, options));

  program
    .command("infer")
    .description("Write a first schema of messages from a recording, and say what of it is not sure.")
    .argument("<file>", "a recording, or a HAR file with WebSockets")
    .option("--route <name>", "only sessions of this route, or of this path where the file knows no routes")
    .option("--asyncapi", "write an AsyncAPI document, as `framegate asyncapi` takes it")
    .option("--with-refused", "also messages that policies refused: dropped, or ended the connection at")
    .option("--out <dir>", "where to write", ".")
    .addHelpText("after", INFER_HELP)
    .action(async (file, options) => (await import("./infer.ts")).inferSchemas(file, options));
}

const INFER_HELP = `
Without --asyncapi it writes a JSON Schema for each direction: NAME.client.schema.json and NAME.server.schema.json, such as the
standard policy json-schema takes. Never overwrites a file.

Examples:
  framegate infer monday.ndjson
  framegate infer monday.ndjson --asyncapi && framegate asyncapi monday.asyncapi.yaml`;

const ASYNCAPI_HELP = `
NAME.ts is the policy, _NAME.json what it checks by, _NAME.types.ts the types for policies of your own, NAME.test.ts has
tests of the document's examples. A file that was edited by hand is kept. The document is read with @asyncapi/parser: install it
beside framegate.

Examples:
  framegate asyncapi chat.yaml
  framegate asyncapi chat.yaml --channel room --name room
  framegate asyncapi chat.yaml --check`;
