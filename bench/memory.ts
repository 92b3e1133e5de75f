/**
 * Does memory stay flat? Two gateways, as users have them, one beside the other: messages of 64 KiB go through a policy of
 * the one, connections come and go at the other, through an upgrade hook. Memory of each kind of process is sampled (PSS).
 * Prints a table; exit code 1 when a line rises.
 */
import { parseArgs } from "node:util";
import { type Course, followMessages, followUpgrades } from "./memory/course.ts";
import { renderGraph } from "./memory/graph.ts";
import { isFlat, renderCourses } from "./memory/table.ts";
import { describeMachine } from "./rig/machine.ts";
import { writeSection } from "./rig/page.ts";
import { thisTree } from "./rig/tree.ts";

const HELP = `usage: npx node bench/memory.ts [options]
  --minutes N    of messages (default: 10; 0: none)
  --upgrades N   so many (default: 100000; 0: none)
  --source       the source as it stands, not built first
  --write        puts table and graph into docs/reliability.md
  --help
Linux.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    upgrades: { type: "string", default: "100000" },
    source: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else
  await measure().catch((error: Error) => {
    process.stderr.write(`bench/memory.ts: ${error.message}\n`);
    process.exitCode = 1;
  });

async function measure(): Promise<void> {
  const [minutes, upgrades] = [Number(values.minutes), Number(values.upgrades)];
  if (!(minutes >= 0 && upgrades >= 0 && minutes + upgrades > 0))
    throw new Error(
      `--minutes and --upgrades are to be numbers, one of them above 0; got ${values.minutes}, ${values.upgrades}`,
    );
  const machine = describeMachine();
  const tree = await thisTree(!values.source);
  const courses = await followAll((signal) => [
    ...(minutes > 0 ? [followMessages(tree, minutes, signal)] : []),
    ...(upgrades > 0 ? [followUpgrades(tree, upgrades, signal)] : []),
  ]);
  const text = `${renderCourses(courses)}\n\n${machine}.`;
  process.stdout.write(`${text}\n`);
  if (values.write && courses.every(({ failure }) => failure === undefined))
    await writeSection("docs/reliability.md", "memory", `${text}\n\n![Memory over time](memory.svg)`, {
      "docs/memory.svg": renderGraph(courses),
    });
  process.exitCode = courses.every(isFlat) ? 0 : 1;
}

/** Beside each other. One that fails ends the others: without it the page is not written, and no gateway is left behind. */
async function followAll(
  follow: (signal: AbortSignal) => readonly Promise<Course>[],
): Promise<readonly Course[]> {
  const others = new AbortController();
  const settled = await Promise.allSettled(
    follow(others.signal).map(async (following) => {
      try {
        const course = await following;
        if (course.failure !== undefined) others.abort();
        return course;
      } catch (error) {
        others.abort();
        throw error;
      }
    }),
  );
  const failed = settled.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}
