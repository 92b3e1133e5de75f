import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
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
  t.teardown(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([exitCode]): Ended => ({ exitCode, stdout, stderr }));
  return { process: child, ended, output };

  async function output(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = pattern.exec(stdout);
      if (match !== null) return match;
      const isOver = await Promise.race([
        once(child.stdout!, "data").then(() => false),
        ended.then(() => true),
      ]);
      if (isOver && !pattern.test(stdout))
        throw new Error(`no ${pattern} in the output:\n${stdout}\n${stderr}`);
    }
  }
}
