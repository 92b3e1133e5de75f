/**
 * Does anything stay behind of a session that has ended? Sessions come and go, half of them spliced and half through a
 * policy, and in between the gateway collects its garbage and says what it holds. Prints a table for docs/reliability.md.
 */
import { parseArgs } from "node:util";
import { findGrowth } from "./leak/growth.ts";
import { measureLeaks } from "./leak/run.ts";

const HELP = `usage: npx node bench/leak.ts [options]
  --warm N       sessions before the first measurement (default: 2000)
  --sessions N   sessions before the last (default: 20000)
  --help`;

const { values } = parseArgs({
  options: {
    warm: { type: "string", default: "2000" },
    sessions: { type: "string", default: "20000" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const warm = Number(values.warm);
const half = Math.floor((Number(values.sessions) - warm) / 2);
const measured = await measureLeaks([warm, half, half]);
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const rows = measured.map(
  (held) =>
    `| ${held.sessions} | ${mib(held.heapBytes)} | ${mib(held.externalBytes)} | ${held.sockets} | ${held.promises} | ${held.handles} | ${held.descriptors} | ${mib(held.hostBytes)} | ${held.hostDescriptors} |`,
);
const growth = findGrowth(measured);
process.stdout.write(`| sessions so far | heap | outside of it | sockets | promises | handles and timers | descriptors | sandbox host, resident | its descriptors |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
${growth.map((line) => `\n- ${line}`).join("")}
`);
process.exitCode = growth.length === 0 ? 0 : 1;
