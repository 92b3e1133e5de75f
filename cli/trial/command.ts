import { type Command, InvalidArgumentError } from "commander";

/** `run`: one hook on one message, without a gateway. */
export function addRunCommand(program: Command): void {
  program
    .command("run")
    .description(
      "Run a hook of a policy, or of all policies of a route, on one message, and print what comes out.",
    )
    .argument("[policy]", "a policy's name, or its file; without one: all policies of --route")
    .option("-m, --message <text>", "the message, as text")
    .option("--binary <base64>", "the message, as bytes")
    .option(
      "--file <file>",
      "the message, from a file: text where it is UTF-8, else bytes; - reads the standard input",
    )
    .option(
      "--hook <hook>",
      "upgrade, client, server, tick, renew, unavailable or close (default: the one for messages that the policy has, client first; without a message upgrade)",
    )
    .option("--url <path>", "path and query of the request (default: the route's path, else /)")
    .option("--header <name: value>", "a header of the request; may be repeated", addTo)
    .option("--client <address>", "the client's address (default: 127.0.0.1)")
    .option(
      "--attribute <name=value>",
      "what `upgrade` hooks have set: JSON, else text; may be repeated",
      addTo,
    )
    .option("--subprotocol <name>", "the subprotocol of the connection")
    .option("--connect", "run the `upgrade` hooks first: what they set, the hook reads")
    .option("--options <json>", "options of the policy (default: those of --route, else none)", parseObject)
    .option(
      "--route <name>",
      "as this route of the config has it: options, what a fault does, type of messages",
    )
    .option("--policies <dir>", "folder of the policies (default: that of the config, else ./policies)")
    .option("-c, --config <file>", "the config file (default: framegate.config.* here)")
    .option(
      "--set <place=value>",
      "an option in place of what the config says, as `framegate start` takes it; may be repeated",
      addTo,
    )
    .option("--json", "print it as JSON")
    .addHelpText("after", HELP)
    .action(async (policy, options) => (await import("./run-policy.ts")).runPolicy(policy, options));
}

function addTo(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, text];
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // As below.
  }
  throw new InvalidArgumentError('Expected an object in JSON, such as {"limit":3}.');
}

const HELP = `
The policy runs in the sandbox, with a \`session\` that begins empty. Nothing leaves: \`fetch\` fails, \`kv\` and \`rates\` begin
empty, a secret is a placeholder, an alert goes nowhere; what was asked for is printed. Exit code: 0 when the hook ran, also where
it drops, refuses or closes; 1 when it failed, or could not be loaded; 2 when the command cannot be understood.

Examples:
  framegate run hello --message '{"text":"hi"}'
  framegate run auth --hook upgrade --url '/chat?user=ann' --header 'Authorization: Bearer abc'
  framegate run --route /chat --connect --url '/chat?user=ann' --message '{"text":"hi"}'
  framegate run ./policies/redact.ts --hook server --file answer.json --json`;
