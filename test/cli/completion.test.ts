import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { TEMPLATES } from "../../cli/init/template-choice.ts";
import { buildProgram } from "../../cli/program.ts";
import { makeFolder } from "../config/folder.ts";
import { has } from "../support/needs.ts";
import { runCommand } from "./in-process.ts";
import { main, startCli } from "./process.ts";

test("bash completes commands, their parts, options, choices and files", async (t) => {
  const { stdout: script } = await runCommand(["completion", "bash"]);
  const dir = await makeFramegate(t, { "completion.bash": script });
  t.deepEqual(completeInBash(dir, "framegate", "expl"), ["explain"]);
  t.deepEqual(completeInBash(dir, "framegate", "sessions", "m"), ["move"]);
  t.deepEqual(completeInBash(dir, "framegate", "start", "--con"), ["--config", "--console-port"]);
  t.deepEqual(completeInBash(dir, "framegate", "init", "--template", "m"), ["mqtt"]);
  t.deepEqual(completeInBash(dir, "framegate", "init", "--template", "=", "m"), ["mqtt"]);
  t.is(completeInBash(dir, "framegate", "").length, buildProgram().commands.length + 1);
  for (const words of [
    ["$(touch x)", ""],
    ["start", "$(touch x)"],
    ["start", "--set", "=", "`touch x`"],
  ])
    completeInBash(dir, "framegate", ...words);
  t.false(existsSync(join(dir, "x")), "nothing of what is typed runs at a tab");
});

/** A folder with the program, for the PATH. */
async function makeFramegate(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeFolder(t, files);
  await writeFile(join(dir, "framegate"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(join(dir, "framegate"), 0o755);
  return dir;
}

/** As bash calls the function at a tab. */
function completeInBash(dir: string, ...words: readonly string[]): readonly string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const program = [
    "source ./completion.bash",
    `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; COMP_LINE='${words.join(" ")}'; COMP_POINT=\${#COMP_LINE}`,
    "compopt() { :; }",
    "__framegate_complete",
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", program.join("\n")], {
    cwd: dir,
    env,
    encoding: "utf8",
  });
  if (stderr !== "") throw new Error(stderr);
  return stdout.trim().split("\n");
}

test("where a file is wanted the shell may name its own", async (t) => {
  t.is((await runCommand(["complete", "--", "start", "--config", ""])).stdout, ":0\n");
  t.is((await runCommand(["complete", "--", "check", "-c", "gate"])).stdout, ":0\n");
});

test("the choices of --template are the templates", (t) => {
  const init = buildProgram().commands.find((command) => command.name() === "init");
  t.deepEqual(
    init?.options[0]?.argChoices,
    TEMPLATES.map(({ name }) => name),
  );
});

test("what zsh is to read is zsh", async (t) => {
  const { stdout: script } = await runCommand(["completion", "zsh"]);
  t.regex(script, /#compdef framegate/);
  if (!has(t, "zsh")) return;
  const dir = await makeFolder(t, { script });
  const { status, stderr } = spawnSync("zsh", ["-n", join(dir, "script")], { encoding: "utf8" });
  t.is(status, 0, stderr);
  const gate = await makeFramegate(t, { "completion.zsh": script });
  t.deepEqual(completeInZsh(gate, "framegate", "expl"), ["explain"]);
  t.deepEqual(completeInZsh(gate, "framegate", "init", "--template", "m"), ["mqtt"]);
  for (const words of [
    ["$(touch x)", ""],
    ["start", "--x$(touch x)="],
  ])
    completeInZsh(gate, "framegate", ...words);
  t.false(existsSync(join(gate, "x")));
});

/** What it is told to describe, without the descriptions. */
function completeInZsh(dir: string, ...words: readonly string[]): readonly string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const program = [
    "compdef() { :; }; compset() { :; }; _files() { :; }",
    `_describe() { print -rl -- "\${(@)\${(P@)2}%%:*}"; }`,
    "source ./completion.zsh",
    `words=(${quoted}); CURRENT=${words.length}; PREFIX='${words.at(-1)}'`,
    "_framegate",
  ];
  const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
  const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", program.join("\n")], {
    cwd: dir,
    env,
    encoding: "utf8",
  });
  if (stderr !== "") throw new Error(stderr);
  return stdout.trim().split("\n");
}

test("fish completes with what it is given", async (t) => {
  const { stdout: script } = await runCommand(["completion", "fish"]);
  t.regex(script, /complete -c framegate/);
  if (!has(t, "fish")) return;
  const dir = await makeFramegate(t, { "completion.fish": script });
  const program = `source completion.fish; complete -C "framegate init --template m"`;
  const env = { ...process.env, HOME: dir, PATH: `${dir}:${process.env.PATH}` };
  const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", program], {
    cwd: dir,
    env,
    encoding: "utf8",
  });
  t.is(stdout, "mqtt\n", stderr);
});

test("what prints ends without a word when its reader has gone", async (t) => {
  const printing = startCli(t, ["completion", "bash"]);
  printing.process.stdout!.destroy();
  const { exitCode, stderr } = await printing.ended;
  t.deepEqual({ exitCode, stderr }, { exitCode: 141, stderr: "" });
});
