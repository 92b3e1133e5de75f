/**
 * Are the lines flat? Sessions come and go with messages of all sizes, compressed or not, while a policy is saved anew
 * and sandbox hosts are killed; memory and descriptors of each process are sampled. Prints a table for docs/reliability.md;
 * exit code 1 when a line is not flat.
 */
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startEcho } from "./lib/echo.ts";
import { startFramegate } from "./lib/framegate.ts";
import { findParts, type ProcessKind, readUse } from "./lib/processes.ts";
import { startChurn } from "./soak/churn.ts";
import { readTrend, type Sample } from "./soak/trend.ts";

const HELP = `usage: npx node bench/soak.ts [options]
  --minutes N    for so long (default: 20)
  --sessions N   at a time (default: 24)
  --help`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    sessions: { type: "string", default: "24" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}

const SAMPLE_MS = 5_000;
const SAVE_EVERY = 3;
const KILL_EVERY = 6;
const KINDS: readonly ProcessKind[] = ["supervisor", "worker", "host"];
const MEMORY_SLACK_MIB = 24;
const DESCRIPTOR_SLACK = 16;
const policy = (version: number) =>
  `// version ${version}\nexport const client = ({ content }) => ({ content: { body: content.body } });`;

const echo = await startEcho({ perMessageDeflate: true });
const gateway = await startFramegate(
  { rewrite: policy(0) },
  {
    workers: 2,
    log: { level: "info" },
    routes: [
      { path: "/spliced", upstream: echo.url },
      { path: "/recorded", upstream: echo.url, recording: true },
      { path: "/rewritten", upstream: echo.url, policies: ["rewrite"] },
    ],
  },
);
process.stdout.write(`load average at the start: ${loadavg()[0]?.toFixed(1)}\n\n`);
const PATHS = ["/spliced", "/recorded", "/rewritten"];
const churn = startChurn(
  PATHS.map((path) => `ws://127.0.0.1:${gateway.port}${path}`),
  Number(values.sessions),
);
const SAMPLES: Sample[] = [];
const rounds = Math.max(3, Math.round((Number(values.minutes) * 60_000) / SAMPLE_MS));
let kills = 0;
for (let round = 1; round <= rounds; round++) {
  await delay(SAMPLE_MS);
  const parts = findParts(gateway.pid);
  for (const kind of KINDS) {
    const uses = parts.flatMap((part) => (part.kind === kind ? (readUse(part.pid) ?? []) : []));
    SAMPLES.push({
      ...{ kind, count: uses.length },
      memoryMiB: Math.max(0, ...uses.map(({ memoryMiB }) => memoryMiB)),
      descriptors: Math.max(0, ...uses.map(({ descriptors }) => descriptors)),
    });
  }
  if (round % SAVE_EVERY === 0) await gateway.save("rewrite", policy(round));
  const host = parts.find(({ kind }) => kind === "host");
  if (round % KILL_EVERY === 0 && host !== undefined) {
    kills++;
    process.kill(host.pid, "SIGKILL");
  }
}
await churn.stop();
const exitCode = await gateway.stop();
echo.close();

let isFlat = true;
const rows = KINDS.flatMap((kind) => {
  const of = SAMPLES.filter((sample) => sample.kind === kind);
  return (["memoryMiB", "descriptors", "count"] as const).map((what) => {
    const slack = { memoryMiB: MEMORY_SLACK_MIB, descriptors: DESCRIPTOR_SLACK, count: 1 }[what];
    const trend = readTrend(
      of.map((sample) => sample[what]),
      slack,
    );
    isFlat &&= trend.isFlat;
    const name = { memoryMiB: "resident, MiB", descriptors: "descriptors", count: "processes" }[what];
    const [first, last, most] = [trend.first, trend.last, trend.most].map((value) => Math.round(value));
    return `| ${kind}: ${name} | ${first} | ${last} | ${most} | ${trend.isFlat ? "flat" : "grows"} |`;
  });
});
process.stdout.write(`| in ${values.minutes} minutes: ${churn.sessions} sessions, ${churn.messages} messages, ${kills} hosts killed | first third | last third | most | |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

${churn.cut} sessions were cut short (a message of theirs ran in a host that was killed); exit code of the gateway: ${exitCode}
`);
process.exitCode = isFlat && exitCode === 0 ? 0 : 1;
