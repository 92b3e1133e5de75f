/**
 * How soon does `framegate dev` listen? What `framegate init` writes, with the echo server: from a checkout for the first time, from a
 * checkout that has been started before, and from the package's files (`npm run build`), or from where a package is installed. Time, and the CPU time of all its
 * processes, until it says that it is ready.
 *
 *   npx node bench/ready.ts [rounds] [path of an installed package's bin/framegate.js]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initProject } from "../cli/init/init.ts";
import { readCpuMicroseconds } from "./lib/processes.ts";
import { median } from "./rig/statistics.ts";

interface Start {
  readonly name: string;
  readonly main: string;
  /** Nothing of an earlier start is there. */
  readonly isFirst?: boolean;
}

const ROUNDS = 9;
const pathOf = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const [rounds = String(ROUNDS), installed = pathOf("dist/cli/main.js")] = process.argv.slice(2);
const starts: readonly Start[] = [
  { name: "a checkout, for the first time", main: pathOf("cli/main.ts"), isFirst: true },
  { name: "a checkout", main: pathOf("cli/main.ts") },
  ...(existsSync(installed) ? [{ name: "the package", main: installed }] : []),
];

const folder = await mkdtemp(join(tmpdir(), "framegate-ready-"));
const project = join(folder, "project");
await initProject(project, { template: "hello" }, "0.0.0");
const seen = new Map(starts.map((start) => [start, [] as { time: number; cpu: number }[]]));
// One more, unseen: files come from the disk then.
for (let round = -1; round < Number(rounds); round++)
  for (const [start, costs] of seen) {
    const cost = await run(start, round);
    if (round >= 0) costs.push(cost);
  }
for (const [{ name }, costs] of seen) {
  const [time, cpu] = [median(costs.map((cost) => cost.time)), median(costs.map((cost) => cost.cpu))];
  const longest = Math.max(...costs.map((cost) => cost.time));
  console.log(
    `${time.toFixed(0).padStart(5)} ms (longest ${longest.toFixed(0)}), CPU ${cpu.toFixed(0).padStart(4)} ms   ${name}`,
  );
}
await rm(folder, { recursive: true });

async function run({ main, isFirst = false }: Start, round: number): Promise<{ time: number; cpu: number }> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ["--no-warnings", main, "dev", "--echo", "--port", "0", "--console-port", "0"],
    {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...(isFirst && { NODE_COMPILE_CACHE: join(folder, `compiled-${round}`) }) },
    },
  );
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes("is ready")) break;
  }
  const cost = { time: performance.now() - began, cpu: readCpuMicroseconds(child.pid ?? 0) / 1000 };
  if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${text}`);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  return cost;
}
