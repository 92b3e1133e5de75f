/**
 * How long does a start take with nothing of the gateway's done in it? The steps on the shortest way to `gateway ready`, each a
 * process of plain Node: it starts, loads what ours would load, and ends. Prints CPU time and time of each, and of the steps that have to wait for
 * each other. The package has to be built (`npm run build`).
 *
 *   npx node bench/start.ts [rounds]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { findAddon } from "../sandbox/client/transport/addon.ts";
import { median } from "./rig/statistics.ts";

interface Step {
  readonly name: string;
  readonly script: string;
  readonly flags?: readonly string[];
  /** Another has to be over before, on any number of cores; the others go on beside. */
  readonly waits: boolean;
}

interface Cost {
  readonly cpu: number;
  readonly time: number;
}

const ROUNDS = 9;
const ISOLATES = 10;
const HOST_FLAGS = ["--no-node-snapshot"];
const built = (file: string) => JSON.stringify(new URL(`../dist/${file}`, import.meta.url).href);
const isolates = (count: number) =>
  `import { createRequire } from "node:module";
  const { ivm } = createRequire(${JSON.stringify(import.meta.url)})(${JSON.stringify(findAddon())});
  for (let i = 0; i < ${count}; i++) new ivm.Isolate({ memoryLimit: 128 }).createContextSync();`;

const bareHost: Step = {
  ...{ name: "Node without its snapshot, which isolated-vm needs, and the addon", script: isolates(0) },
  ...{ flags: HOST_FLAGS, waits: true },
};
const steps: readonly Step[] = [
  { name: "Node", script: "", waits: false },
  {
    name: "Node with the supervisor's code",
    script: `await import(${built("core/index.js")});`,
    waits: true,
  },
  {
    name: "Node with a worker's code",
    script: `await import(${built("core/workers/worker-process.js")});`,
    waits: false,
  },
  {
    name: "Node with esbuild, and one build",
    script: `const { build } = await import("esbuild");
    await build({ stdin: { contents: "export const a: number = 1" , loader: "ts" }, write: false });`,
    waits: false,
  },
  bareHost,
  {
    ...{ name: `the same with ${ISOLATES} isolates that hold nothing`, script: isolates(ISOLATES) },
    ...{ flags: HOST_FLAGS, waits: false },
  },
];

const rounds = Number(process.argv[2] ?? ROUNDS);
const costs = new Map(steps.map((step) => [step, [] as Cost[]]));
for (let round = 0; round < rounds; round++) for (const [step, seen] of costs) seen.push(await run(step));

const medians = new Map(
  [...costs].map(([step, seen]) => [
    step,
    { cpu: median(seen.map(({ cpu }) => cpu)), time: median(seen.map(({ time }) => time)) },
  ]),
);
for (const [{ name }, { cpu, time }] of medians)
  console.log(`${time.toFixed(0).padStart(5)} ms, CPU ${cpu.toFixed(0).padStart(4)} ms   ${name}`);
const inTurn = [...medians].filter(([{ waits }]) => waits);
const last = [...medians.values()].at(-1)!.time - medians.get(bareHost)!.time;
const floor = inTurn.reduce((sum, [, { time }]) => sum + time, last);
console.log(`${floor.toFixed(0).padStart(5)} ms in turn: the supervisor's code, a host, its isolates`);

async function run({ script, flags = [] }: Step): Promise<Cost> {
  const start = performance.now();
  const told = `process.on("exit", () => process.getBuiltinModule("node:fs").writeSync(1, JSON.stringify(process.cpuUsage())));`;
  const args = ["--no-warnings", ...flags, "--input-type=module", "-e", `${told}\n${script}`];
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, "close");
  const time = performance.now() - start;
  const { user, system } = JSON.parse(text) as NodeJS.CpuUsage;
  return { cpu: (user + system) / 1000, time };
}
