/**
 * What happens with a thousand machines? The gateway's own leases of rates, of many machines on a simulated clock: how exact is
 * one limit over all of them, and how fast do they find together when load moves or Redis is lost. And storms: the clients
 * of a zone that has gone come back to what is left. Prints tables; what Redis can bear is measured with a real one.
 *
 *   npx node bench/scale.ts [--nodes 10,100,1000] [--write]
 */
import { parseArgs } from "node:util";
import { describeMachine } from "./rig/machine.ts";
import { writeSection } from "./rig/page.ts";
import { renderLines } from "./scale/chart.ts";
import { simulateLeases } from "./scale/leases.ts";
import { measureRedis } from "./scale/redis.ts";
import { manners, simulateStorm } from "./scale/storms.ts";
import { renderLeases, renderRedis, renderStorms } from "./scale/tables.ts";

/** One of three zones has gone: half as many again come to each machine of the others. */
const STORM = { clients: 25_000, capacity: 2_000, patience: 5 };

const { values } = parseArgs({
  options: { nodes: { type: "string", default: "10,100,1000" }, write: { type: "boolean", default: false } },
});

const runs = await Promise.all(values.nodes.split(",").map((nodes) => simulateLeases(Number(nodes))));
const storms = manners.map((manner) => simulateStorm(manner, STORM));
const redis = await measureRedis();
const leases = renderLeases(runs);
const storm = renderStorms(storms, STORM);
const measured = `${renderRedis(redis)}\n\n${describeMachine()}.`;
process.stdout.write(`${leases}\n\n${storm}\n\n${measured}\n`);
if (values.write) {
  await writeSection(
    "docs/scale.md",
    "leases",
    `${leases}\n\n![One limit over 1,000 machines](scale-leases.svg)`,
    {
      "docs/scale-leases.svg": renderLines({
        title: "Let in, % of a limit of 20,000 a second",
        unit: "seconds",
        lines: runs.map(({ nodes, admitted, allowed }) => ({
          name: `${nodes} machines`,
          points: admitted.map((count, index) => ({ at: (index + 1) / 10, value: (count / allowed) * 100 })),
        })),
        most: 220,
      }),
    },
  );
  await writeSection("docs/scale.md", "storms", `${storm}\n\n![Clients that are back](scale-storms.svg)`, {
    "docs/scale-storms.svg": renderLines({
      title: "Clients of a lost zone that are open again, %",
      unit: "seconds",
      lines: storms.map(({ name, back }) => ({
        name,
        points: back.slice(0, 900).map((share, index) => ({ at: (index + 1) / 10, value: share * 100 })),
      })),
      most: 100,
    }),
  });
  await writeSection("docs/scale.md", "redis", measured, {});
}
