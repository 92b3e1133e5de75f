import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { readVersion } from "../core/version.ts";
import { withGateway } from "./admin/admin-options.ts";
import { addDrainCommands } from "./admin/drain-commands.ts";
import { addFleetCommands } from "./admin/fleet-commands.ts";
import { addRolloutCommands } from "./admin/rollout-commands.ts";
import { addSessionCommands } from "./admin/session-commands.ts";
import { addDescriptionCommands } from "./description/commands.ts";
import { addPackCommands } from "./pack-commands.ts";
import { addRecordingCommands } from "./recording/commands.ts";
import { addSourceCommands } from "./source/commands.ts";
import { addRunCommand } from "./trial/command.ts";

/** Commands are imported when they run, so that `--help` answers at once. */
export function buildProgram(): Command {
  const program = new Command("framegate")
    .description("A WebSocket gateway whose behaviour is written in TypeScript.")
    .version(readVersion())
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${toHint(text)}\n`) })
    .addHelpText("after", PROGRAM_EXAMPLES);

  addGatewayOptions(program.command("start"))
    .description("Run the gateway; logs JSON lines.")
    .addHelpText("after", START_HELP)
    .action(async (options) => (await import("./run.ts")).runGateway("start", options));

  addGatewayOptions(program.command("dev"))
    .description("Run the gateway while you write policies; logs lines for people.")
    .option("--inspect <policy>", "let a debugger attach to this policy; sessions run in one process")
    .option("--inspect-port <port>", "port for the debugger; 0 for any free one (default: 9229)", parsePort)
    .option(
      "--rollout",
      "let new versions come step by step, as the config's `rollout` says, and not at once",
    )
    .addHelpText("after", START_HELP)
    .action(async (options) => (await import("./run.ts")).runGateway("dev", options));

  program
    .command("check")
    .description("Check the config and every policy, without starting anything.")
    .option("-c, --config <file>", "the config file (default: framegate.config.* here)")
    .option("--policies <dir>", "check the policies of this folder, without a config file")
    .option("--frozen", FROZEN_HELP)
    .option("--set <place=value>", SET_HELP, collect)
    .option("--sarif <file>", "write what was found as SARIF 2.1.0, too")
    .addHelpText(
      "after",
      "\nPrints every problem with its file and line. Exit code: 0 when all is fine, 1 when not.",
    )
    .action(async (options) => (await import("./check/check.ts")).checkAll(options));

  program
    .command("test")
    .description("Run the tests of your policies, in the sandbox.")
    .argument("[dir]", "the folder of the tests: *.test.ts in it and below", "policies")
    .option("-w, --watch", "run them again at every save")
    .option("--junit <file>", "write a report as CI servers read the results of tests, too")
    .addHelpText(
      "after",
      "\nWith Node's test runner and `framegate/testing`. Exit code: 0 when all pass, 1 when not.",
    )
    .action(async (dir, options) => (await import("./test-policies.ts")).testPolicies(dir, options));

  addRunCommand(program);

  program
    .command("profile")
    .description("Take a CPU profile of the policy that `framegate dev --inspect` runs.")
    .argument("<policy>", "the policy")
    .option("--seconds <count>", "how long to look (default: 10)", parseCount)
    .option("--heap", "take a snapshot of its heap instead")
    .option("--out <file>", "where to write it (default: <policy>.cpuprofile or .heapsnapshot here)")
    .option("--inspect-port <port>", "the port of the debugger (default: 9229)", parsePort)
    .addHelpText("after", "\nOpen the file in Chrome DevTools.")
    .action(async (policy, options) =>
      (await import("./inspector/profile.ts")).profilePolicy(policy, options),
    );

  program
    .command("init")
    .description("Write a config, a sample policy with its test and a tsconfig.json to start from.")
    .argument("[dir]", "the folder; made if it is not there", ".")
    .addOption(templateOption())
    .addHelpText("after", "\nNever overwrites a file.")
    .action(async (dir, options) =>
      (await import("./init/init.ts")).initProject(dir, options, readVersion()),
    );

  withGateway(program.command("explain"))
    .description(
      "Say what a config comes to and where each value is from; or what happened in a session of a running gateway, or to one of its messages, and why.",
    )
    .argument(
      "[subject]",
      "a config file, or a session's id, the one in the log (default: framegate.config.* here)",
    )
    .argument("[message]", "one of the session's messages, such as client:3")
    .option("--set <place=value>", SET_HELP, collect)
    .option("-p, --port <port>", "of a config: as start takes it", parsePort)
    .option("--host <address>", "the same")
    .option("--console-port <port>", "the same", parsePort)
    .option("--workers <count>", "the same", parseCount)
    .option("--short", "of a config: what somebody has written down, without defaults and what is derived")
    .addHelpText("after", EXPLAIN_HELP)
    .action(async (subject, message, options) =>
      (await import("./explain/explain.ts")).explainSubject(subject, message, options),
    );

  program
    .command("health")
    .description("Ask a running gateway whether it is alive, or ready for connections.")
    .option(
      "--gateway <url>",
      "the gateway's console (default: that of the config file, else http://127.0.0.1:9090)",
    )
    .option("-c, --config <file>", "the config file of that gateway (default: framegate.config.* here)")
    .option("--ready", "whether it takes new connections: not while it starts, stops or is drained")
    .addHelpText("after", "\nFor health checks of containers. Exit code: 0 when it is, 1 when not.")
    .action(async (options) => (await import("./admin/health.ts")).askHealth(options));

  program
    .command("completion")
    .description("Print a script by which a shell completes commands and options.")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", COMPLETION_HELP)
    .action(async (shell) =>
      (await import("./completion/completion.ts")).printCompletion(buildProgram(), shell),
    );

  addRecordingCommands(program);
  addDescriptionCommands(program);
  addPackCommands(program, readVersion);
  addSourceCommands(program);
  addSessionCommands(program);
  addDrainCommands(program);
  addRolloutCommands(program);
  addFleetCommands(program);
  return program;
}

/** Its choices are for shells: what is none of them is told with what was meant. */
function templateOption(): Option {
  const option = new Option(
    "--template <name>",
    "what to start from: hello, chat, graphql-ws, mqtt or ai-realtime (default: asked on a terminal, else hello)",
  );
  return Object.assign(option, { argChoices: ["hello", "chat", "graphql-ws", "mqtt", "ai-realtime"] });
}

function addGatewayOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "the config file (default: framegate.config.* here)")
    .option("--policies <dir>", "folder of the policies, without a config file")
    .option("--upstream <url>", "send every path to this server, without a config file")
    .option(
      "--echo [route]",
      "start a server that sends every message back, as the upstream of every route, or of the one of this name or path",
    )
    .option("-p, --port <port>", "port of the first listener; 0 for any free one", parsePort)
    .option("--host <address>", "address of the first listener")
    .option("--console-port <port>", "port of the console; 0 for any free one", parsePort)
    .option("--workers <count>", "worker processes; 0 runs the sessions in this one", parseCount)
    .option("--frozen", FROZEN_HELP)
    .option("--set <place=value>", SET_HELP, collect);
}

const SET_HELP =
  "an option in place of what the config says, such as routes.0.upstream=http://127.0.0.1:3000; can be given several times";

const FROZEN_HELP = "load no pack that policies.lock.json does not name";

const EXPLAIN_HELP = `
What ends as config files do (.ts, .mts, .js, .mjs, .json, .yaml, .yml) is a config, all else a session. Of a config no
gateway is asked; secrets are hidden. Of a session it is what the gateway has recorded: the route's \`recording\` says
whether that is anything.

Examples:
  framegate explain --short
  framegate explain gateway.yaml --set log.level=debug --port 8081
  framegate explain 2d53cbacb2-1f
  framegate explain 2d53cbacb2-1f client:3`;

const COMPLETION_HELP = `
Into the shell's own file, for a framegate that is on the PATH:
  bash  source <(framegate completion bash)      in ~/.bashrc
  zsh   source <(framegate completion zsh)       in ~/.zshrc
  fish  framegate completion fish | source       in ~/.config/fish/config.fish`;

const PROGRAM_EXAMPLES = `
Examples:
  framegate init my-gateway              a folder to start from
  framegate dev --echo                   try policies against an echo server
  framegate dev --upstream http://localhost:3000 --policies ./policies
  framegate test --watch                 the tests of your policies, at every save
  framegate check                        types, bundling, loading, routes: all problems at once
  framegate start --config /etc/framegate/framegate.config.yaml

\`framegate <command> --help\` says more.`;

const START_HELP = `
Without --config, --policies and --upstream the config file of this folder is used. --policies and --upstream make
a gateway without one: one route, /*, with every policy of the folder (./policies unless set).

Signals:
  SIGTERM, SIGINT   take no new connections, close the open ones as \`drain\` in the config says (1001, all at once),
                    cut off what is left 10s later, exit 0; a second one exits at once
  SIGHUP            read the config file and the policies again

Examples:
  framegate dev --echo
  framegate dev --upstream http://localhost:3000 --port 8000
  framegate start --config gateway.yaml --host 0.0.0.0 --workers 4
  framegate start --set routes.0.upstream=http://127.0.0.1:4000 --set log.level=debug`;

function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

function parsePort(text: string): number {
  return parseWhole(text, 65_535, "a port from 0 to 65535");
}

function parseCount(text: string): number {
  return parseWhole(text, 1024, "a whole number from 0 to 1024");
}

function parseWhole(text: string, max: number, expected: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new InvalidArgumentError(`Expected ${expected}.`);
}

/** commander's error, which may have a second line with a suggestion, in one line. */
function toHint(text: string): string {
  return `${text
    .trim()
    .replace(/^error: /, "framegate: ")
    .replaceAll("\n", " ")} See \`framegate --help\`.`;
}
