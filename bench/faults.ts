/**
 * Is anything lost when processes of the gateway are killed and stopped under load? One fault after the other befalls a
 * child of the gateway, while sessions send numbered messages through a route with a policy and one without; each session
 * that outlives a fault is checked for order and loss. Prints the tables for docs/reliability.md; exit code 1 when
 * something was lost, doubled, out of order or closed that was not to be.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Fault } from "./faults/deck.ts";
import { createRandom, dealFaults } from "./faults/deck.ts";
import { type FaultReport, runFaults } from "./faults/run.ts";

const HELP = `usage: npx node bench/faults.ts [options]
  --kills N      so many faults (default: 200)
  --seconds N    spread over so long at least (default: 120)
  --sessions N   of each of the two routes (default: 20)
  --seed N       another order of the faults (default: 1)
  --help`;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seconds: { type: "string", default: "120" },
    sessions: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}

const kills = Number(values.kills);
const random = createRandom(Number(values.seed));
process.stdout.write(`load average at the start: ${loadavg()[0]?.toFixed(1)}\n\n`);
const report = await runFaults({
  faults: dealFaults(kills, random),
  sessions: Number(values.sessions),
  paceMs: (Number(values.seconds) * 1000) / kills,
  random,
});
process.stdout.write(render(report));
if (report.broken.length > 0) {
  process.stderr.write(`${report.log.join("\n")}\n`);
  process.exitCode = 1;
}

function render({ waits, messages, sessions, endedWithWorker, endedWithHost, broken }: FaultReport): string {
  const what = ({ target, blow }: Fault) =>
    `${target}: ${{ kill: "killed", pause: "stopped for 0.4 s", stop: "stopped for good" }[blow]}`;
  const byFault = Map.groupBy(waits, ({ fault }) => what(fault));
  const rows = [...byFault].sort().map(([name, list]) => {
    const sorted = list.map(({ worstMs }) => worstMs).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return `| ${name} | ${list.length} | ${Math.round(median)} ms | ${Math.round(sorted.at(-1) ?? 0)} ms |`;
  });
  return `| fault | times | median of the longest waits | longest wait |
| --- | --- | --- | --- |
${rows.join("\n")}

| ${waits.length} faults | |
| --- | --- |
| sessions, messages answered | ${sessions}, ${messages} |
| sessions closed with 1006, whose worker was killed | ${endedWithWorker} |
| sessions closed with 1011, one of whose messages ran in a host that was killed | ${endedWithHost} |
| anything else lost, doubled, out of order or closed | ${broken.length} |
${broken.map((line) => `\n- ${line}`).join("")}`;
}
