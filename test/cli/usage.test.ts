import { readFile } from "node:fs/promises";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { runCommand } from "./in-process.ts";
import { runCli } from "./process.ts";

const usage: readonly (readonly [args: readonly string[], hint: string])[] = [
  [["strat"], "framegate: unknown command 'strat' (Did you mean start?) See `framegate --help`.\n"],
  [
    ["start", "--prt", "1"],
    "framegate: unknown option '--prt' (Did you mean --port?) See `framegate --help`.\n",
  ],
  [
    ["start", "--port", "http"],
    "framegate: option '-p, --port <port>' argument 'http' is invalid. Expected a port from 0 to 65535. See `framegate --help`.\n",
  ],
  [
    ["dev", "--workers", "-1"],
    "framegate: option '--workers <count>' argument '-1' is invalid. Expected a whole number from 0 to 1024. See `framegate --help`.\n",
  ],
  [
    ["start", "--config", "a.ts", "--upstream", "ws://a"],
    "framegate: --upstream makes a gateway without a config file: leave out it or --config. See `framegate --help`.\n",
  ],
  [
    ["start", "--config", "a.ts", "--policies", "."],
    "framegate: --policies makes a gateway without a config file: leave out it or --config. See `framegate --help`.\n",
  ],
  [
    ["dev", "--echo", "--upstream", "ws://a"],
    "framegate: --echo is an upstream itself: leave out it or --upstream. See `framegate --help`.\n",
  ],
  [
    ["dev", "--upstream", "localhost:3000"],
    'framegate: Expected --upstream to be an http, https, ws or wss URL, got "localhost:3000". See `framegate --help`.\n',
  ],
  [
    ["dev", "--inspect", "hello", "--workers", "2"],
    "framegate: --inspect runs the sessions in one process: leave out it or --workers. See `framegate --help`.\n",
  ],
  [
    ["dev", "--inspect-port", "0"],
    "framegate: --inspect-port needs --inspect with the name of a policy. See `framegate --help`.\n",
  ],
  [
    ["check", "--config", "a.ts", "--policies", "."],
    "framegate: --policies checks policies without a config file: leave out it or --config. See `framegate --help`.\n",
  ],
];

for (const [args, hint] of usage) {
  test(`bad usage: ${args.join(" ")}`, async (t) => {
    t.deepEqual(await runCommand(args), { exitCode: 2, stdout: "", stderr: hint });
  });
}

test("no command: the help, and exit code 2", async (t) => {
  const { exitCode, stderr } = await runCli(t, []);
  t.is(exitCode, 2);
  t.regex(stderr, /^Usage: framegate/);
});

test("--help has every command and examples", async (t) => {
  const { exitCode, stdout } = await runCommand(["--help"]);
  t.is(exitCode, 0);
  for (const word of ["start", "dev", "check", "test", "profile", "init", "Examples:"])
    t.true(stdout.includes(word), word);
});

test("start --help has every option, the signals and examples", async (t) => {
  const { exitCode, stdout } = await runCommand(["start", "--help"]);
  t.is(exitCode, 0);
  const words =
    "--config --policies --upstream --echo --port --host --console-port --workers SIGHUP SIGTERM Examples:";
  for (const word of words.split(" ")) t.true(stdout.includes(word), word);
});

test("--version is that of the package", async (t) => {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  t.deepEqual(await runCli(t, ["--version"]), { exitCode: 0, stdout: `${version}\n`, stderr: "" });
});

test("config problems: exit code 1 and no stack trace", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.yaml": "listn: []\nworkers: many\n" });
  const { exitCode, stderr } = await runCommand(["start"], dir);
  t.is(exitCode, 1);
  t.is(
    stderr,
    [
      `framegate: ${dir}/framegate.config.yaml has 2 problems:`,
      '  workers: expected a whole number from 0 to 1024, got "many"',
      "  listn: unknown option; did you mean `listen`?",
      "",
    ].join("\n"),
  );
});

test("no config file: exit code 1 and what to do", async (t) => {
  const dir = await makeFolder(t);
  const { exitCode, stderr } = await runCommand(["start"], dir);
  t.is(exitCode, 1);
  t.regex(stderr, /^framegate: No config file in .*\n.*`framegate init`/);
});

test("a policies folder that is not there", async (t) => {
  const dir = await makeFolder(t, { file: "" });
  const missing = await runCommand(["start", "--policies", "nowhere"], dir);
  t.is(missing.stderr, `framegate: --policies: ${dir}/nowhere is not there. Make it, or name another.\n`);
  t.is(missing.exitCode, 1);
  const { stderr } = await runCommand(["check", "--policies", "file"], dir);
  t.is(stderr, `framegate: --policies: ${dir}/file is not a folder. Make it, or name another.\n`);
});
