import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findPolicies } from "../../policies/folder.ts";
import { buildPack, type PackProject, readBuilt, readProject } from "../../policies/pack/build.ts";
import { checkTypes } from "../../policies/type-check.ts";
import { wordTypeErrors } from "../check/type-errors.ts";
import { CliError } from "../errors.ts";
import { formatProblem, type Problem } from "../problem.ts";
import { withProbe } from "./probe.ts";

/** Prints every problem of a pack; rejects when there is any. Writes nothing. */
export async function checkPack(dir: string): Promise<void> {
  const project = await readProject(dir);
  const problems = [...(await findTypeProblems(project)), ...(await findBuildProblems(project))];
  const tests = await findTests(project.dir);
  if (tests.length > 0 && !(await runTests(project.dir, tests))) {
    problems.push({ place: "", message: "the tests fail" });
  }
  if (problems.length > 0) {
    process.stdout.write(`${problems.map(formatProblem).join("\n\n")}\n`);
    throw new CliError("ERR_CLI_PROBLEMS", `${project.name} has problems`);
  }
  const tested = tests.length === 0 ? "it has no tests" : `${tests.length} of its files are tests, and pass`;
  process.stdout.write(`${project.name} ${project.version} is fine; ${tested}\n`);
}

async function findTypeProblems({ policiesDir }: PackProject): Promise<Problem[]> {
  const found = await checkTypes(policiesDir, await findPolicies(policiesDir));
  return wordTypeErrors(found);
}

/** Imports that the sandbox has not, sizes, what the policies export; and whether the last build is of this. */
async function findBuildProblems(project: PackProject): Promise<Problem[]> {
  try {
    const { manifest } = await withProbe((probe) => buildPack(project, probe));
    const before = await readBuilt(project.dir);
    if (before === undefined || before.digest === manifest.digest) return [];
    return [
      { place: "", message: "framegate.pack.json is of other sources than these: `framegate pack build`" },
    ];
  } catch (error) {
    const { message, frame = "" } = error as Error & { readonly frame?: string };
    return [{ place: "", message, frame }];
  }
}

async function findTests(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (/^\.|^(?:node_modules|dist)$/.test(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...(await findTests(path)));
    else if (/\.(?:test|spec)\.(?:ts|mts|js|mjs)$/.test(entry.name)) found.push(path);
  }
  return found.sort();
}

function runTests(cwd: string, files: readonly string[]): Promise<boolean> {
  // A test of ours that runs this must not have its child report to it.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  return new Promise((settle, reject) => {
    const tests = spawn(process.execPath, ["--test", ...files], {
      cwd,
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    tests.on("error", reject);
    tests.on("close", (exitCode) => settle(exitCode === 0));
  });
}
