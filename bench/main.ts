/**
 * CPU time per message of the gateway, all its processes, next to a relay made with `ws`, in the same run: rounds in
 * turn, medians. What counts is the ratio between rows: the microseconds move with the machine.
 *
 *   npm run bench -- [--rounds 5] [--seconds 3] [--connections 50] [--in-flight 32] [--bytes 64]
 */
import { parseArgs } from "node:util";
import { type Load, startLoad } from "./lib/load.ts";
import { type BenchProcess, readCpuMicroseconds, readMemoryMiB, startScript } from "./lib/processes.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "50" },
    "in-flight": { type: "string", default: "32" },
    bytes: { type: "string", default: "64" },
  },
});
const connections = Number(values.connections);
const inFlight = Number(values["in-flight"]);
const messageBytes = Number(values.bytes);

interface Row {
  readonly name: string;
  readonly path: string;
  readonly added: string;
  start(upstream: string): Promise<BenchProcess>;
}

const USER = ',"user":"alice"';
const rows: readonly Row[] = [
  { name: "ws relay, no policy", path: "/", added: "", start: (url) => startScript("ws-relay.ts", [url]) },
  {
    name: "ws relay, policy, no sandbox",
    path: "/",
    added: USER,
    start: (url) => startScript("ws-relay.ts", [url, "policy"]),
  },
  {
    name: "framegate, spliced",
    path: "/spliced",
    added: "",
    start: (url) => startScript("gateway-process.ts", [url]),
  },
  {
    name: "framegate, spliced and recorded",
    path: "/recorded",
    added: "",
    start: (url) => startScript("gateway-process.ts", [url]),
  },
  {
    name: "framegate, policy that looks",
    path: "/looks",
    added: "",
    start: (url) => startScript("gateway-process.ts", [url]),
  },
  {
    name: "framegate, policy that rewrites",
    path: "/rewrites",
    added: USER,
    start: (url) => startScript("gateway-process.ts", [url]),
  },
];

interface Sample {
  readonly microseconds: number;
  readonly perSecond: number;
  readonly memoryMiB: number;
}

const measured = rows.map((row) => ({ row, samples: [] as Sample[] }));
const echo = await startScript("echo-server.ts", []);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { row, samples } of measured) samples.push(await measure(row, `ws://127.0.0.1:${echo.port}`));
}
await echo.stop();

console.log(
  `${connections} connections × ${inFlight} in flight × ${messageBytes} bytes, medians of ${values.rounds} rounds`,
);
/** Of the first row: the plain relay. */
const baseline = median(measured[0]?.samples ?? [], "microseconds");
console.table(
  Object.fromEntries(
    measured.map(({ row, samples }) => {
      const cost = median(samples, "microseconds");
      return [
        row.name,
        {
          "CPU µs/message": Number(cost.toFixed(2)),
          "of the ws relay": `${((cost / baseline) * 100).toFixed(0)} %`,
          "messages/s": Math.round(median(samples, "perSecond")),
          "memory MiB": median(samples, "memoryMiB"),
        },
      ];
    }),
  ),
);

async function measure(row: Row, upstream: string): Promise<Sample> {
  process.stderr.write(`${row.name} …\n`);
  const relay = await row.start(upstream);
  const load = await startLoad({
    port: relay.port,
    path: row.path,
    added: row.added,
    connections,
    inFlight,
    messageBytes,
  });
  await pass(1000);
  const before = read(relay, load);
  await pass(Number(values.seconds) * 1000);
  const after = read(relay, load);
  const memoryMiB = readMemoryMiB(relay.pid);
  load.close();
  await relay.stop();
  const messages = after.count - before.count;
  return {
    microseconds: (after.cpu - before.cpu) / messages,
    perSecond: messages / ((after.time - before.time) / 1000),
    memoryMiB,
  };
}

function read(relay: BenchProcess, load: Load): { cpu: number; count: number; time: number } {
  return { cpu: readCpuMicroseconds(relay.pid), count: load.count(), time: performance.now() };
}

function median(list: readonly Sample[], key: keyof Sample): number {
  const sorted = list.map((sample) => sample[key]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
