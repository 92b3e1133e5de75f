import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createRerun } from "../policies/reload/rerun.ts";
import { createWatcher } from "../policies/reload/watcher.ts";
import { showPath } from "../policies/shown-path.ts";
import { CliError } from "./errors.ts";
import { requireFolder } from "./gateway-options.ts";

export interface TestOptions {
  readonly watch?: boolean;
  /** File of a report. */
  readonly junit?: string;
}

const TEST_FILE = /\.test\.(?:ts|mts|js|mjs)$/;

/** Runs the tests of a folder with Node's test runner; with `watch` again at every save, until a signal ends it. */
export async function testPolicies(dir: string, { watch = false, junit }: TestOptions): Promise<void> {
  await requireFolder(dir, "the folder of the tests");
  if (watch) return watchTests(dir);
  const files = await findTests(dir);
  if (files.length === 0) throw new CliError("ERR_CLI_PATH", noTests(dir));
  if ((await runTests(files, junit)) !== 0) throw new CliError("ERR_CLI_PROBLEMS", "tests failed");
}

async function watchTests(dir: string): Promise<void> {
  const running = createRerun(async () => {
    const files = await findTests(dir);
    if (files.length > 0) await runTests(files);
    const next = files.length > 0 ? "" : `${noTests(dir)}\n`;
    process.stdout.write(`${next}\nwatching ${showPath(resolve(dir))}: every save runs the tests again\n`);
  });
  await createWatcher({
    dir,
    onChange: () => void running.request(),
    onProblem: ({ message }) => process.stderr.write(`framegate: ${message}\n`),
  });
  await running.request();
}

async function findTests(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  const isOurs = (name: string) => TEST_FILE.test(name) && !/(?:^|[\\/])node_modules[\\/]/.test(name);
  return names
    .filter(isOurs)
    .sort()
    .map((name) => join(resolve(dir), name));
}

/** @returns the exit code: 0 when all went well */
function runTests(files: readonly string[], junit?: string): Promise<number> {
  const reports = [
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...(junit === undefined ? [] : ["--test-reporter=junit", `--test-reporter-destination=${junit}`]),
  ];
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, ["--test", ...reports, ...files], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => settle(code ?? 1));
  });
}

function noTests(dir: string): string {
  const file = join(showPath(resolve(dir)), "hello.test.ts");
  return `There are no tests (*.test.ts) in ${resolve(dir)}. Write one, ${file} say, with \`loadPolicy\` of "framegate/testing".`;
}
