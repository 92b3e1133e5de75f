import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";

export const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** Resolves with the match once stdout so far matches; rejects when the process ends before. */
  output(pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ended>;
}

/** Runs `framegate` from source to its end. */
export function runCli(
  t: Pick<ExecutionContext, "teardown">,
  args: readonly string[],
  cwd?: string,
): Promise<Ended> {
  return startCli(t, args, cwd).ended;
}

/** Starts `framegate` from source; it is killed when the test ends. */
export function startCli(
  t: Pick<ExecutionContext, "teardown">,
  args: readonly string[],
  cwd?: string,
): Running {
  return startProcess(t, process.execPath, [main, ...args], cwd);
}

export function startProcess(
  t: Pick<ExecutionContext, "teardown">,
  command: string,
  args: readonly string[],
  cwd?: string,
): Running {
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  return follow(t, child);
}

/**
 * The same at a terminal of its own, which is typed at by writing to `stdin`; afterwards it says of itself how it was left. An escape reads as
 * `␛`. By `script` of util-linux, which each Debian has.
 *
 * @param behind begins in the background of a shell, and comes to the front when a line is typed
 */
export function startAtTerminal(
  t: Pick<ExecutionContext, "teardown">,
  args: readonly string[],
  { cwd, env, behind = false }: TerminalOptions,
): Running & { readonly stdin: Writable } {
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(" ");
  const run = behind ? `set -m; ${command} & read line; fg` : command;
  const child = spawn("script", ["-qefc", `${run}; stty -a; exit $?`, "/dev/null"], {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      TERM: "xterm",
      SHELL: "/bin/bash",
      ...env,
    },
  });
  // It may end before all is typed.
  child.stdin.on("error", () => {});
  return { ...follow(t, child), stdin: child.stdin };
}

/** Below what a test may take: what was there in place of what was waited for is told. */
const OUTPUT_DEADLINE_MS = 60_000;

interface TerminalOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly behind?: boolean;
}

function follow(
  t: Pick<ExecutionContext, "teardown">,
  child: ChildProcessByStdio<Writable | null, Readable, Readable>,
): Running {
  t.teardown(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text.replaceAll("\u001b", "␛");
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([exitCode]): Ended => ({ exitCode, stdout, stderr }));
  return { process: child, ended, output };

  async function output(pattern: RegExp): Promise<RegExpMatchArray> {
    const deadline = AbortSignal.timeout(OUTPUT_DEADLINE_MS);
    for (;;) {
      const match = pattern.exec(stdout);
      if (match !== null) return match;
      const isOver = await Promise.race([
        once(child.stdout!, "data", { signal: deadline }).then(
          () => false,
          () => true,
        ),
        ended.then(() => true),
      ]);
      if (isOver && !pattern.test(stdout))
        throw new Error(`no ${pattern} in the output:\n${stdout}\n${stderr}`);
    }
  }
}
