/** A gateway that says what it holds: its sessions run in this process, which collects its garbage when it is asked. */
import { readdirSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGateway } from "../../core/index.ts";
import { createSandbox } from "../../sandbox/index.ts";
import type { Held } from "./held.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const [upstream = ""] = process.argv.slice(2);
const policies = await mkdtemp(join(tmpdir(), "framegate-leak-"));
await writeFile(
  join(policies, "counts.ts"),
  `export const upgrade = ({ request }) => ({ attributes: { path: request.path } });
export const client = ({ content, session }) => {
  session.seen = (session.seen ?? 0) + 1;
  return { content: { body: content.body + session.seen } };
};
export const close = () => {};`,
);
let isolatesReplaced = 0;
let hostPid = 0;
const gateway = await createGateway(
  {
    listen: [{ host: "127.0.0.1", port: 0 }],
    console: false,
    workers: 0,
    log: { level: "silent" },
    policies,
    // As little as can be: an isolate that keeps anything of its sessions meets it.
    sandbox: { memoryLimit: "8MiB", warmSpare: false },
    routes: [
      { path: "/spliced", upstream },
      { path: "/policy", upstream, policies: ["counts"] },
    ],
  },
  {
    watch: false,
    newSandbox: (options) =>
      createSandbox({
        ...options,
        onEvent(event) {
          if (event.type === "isolate-replaced" && event.reason === "memory") isolatesReplaced++;
          if (event.type === "host-started") hostPid = event.pid;
          options.onEvent(event);
        },
      }),
  },
);
await gateway.start();
process.send?.({ port: gateway.addresses.listen[0]?.port });
process.on("message", async () => {
  await idle();
  process.send?.(await measure());
});
process.on("disconnect", () => process.exit(0));

const LOOK_MS = 100;
const LONGEST_MS = 15_000;
const QUIET_LOOKS = 10;

/** Sessions end a moment after their clients have gone, and what looks after that has timers: until nothing moves. */
async function idle(): Promise<void> {
  let quiet = 0;
  let before = -1;
  for (let waited = 0; quiet < QUIET_LOOKS && waited < LONGEST_MS; waited += LOOK_MS) {
    const active = process.getActiveResourcesInfo();
    quiet = active.length === before && !active.includes("TCPSocketWrap") ? quiet + 1 : 0;
    before = active.length;
    await delay(LOOK_MS);
  }
}

async function measure(): Promise<Held> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    // What was finalised is freed in a later turn.
    await delay(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    externalBytes: external,
    sockets: countOf(Socket),
    promises: countOf(Promise),
    handles: process.getActiveResourcesInfo().length,
    descriptors: readdirSync("/proc/self/fd").length,
    hostPid,
    isolatesReplaced,
  };
}

function countOf(type: typeof Socket | typeof Promise): number {
  return Number(queryObjects(type, { format: "count" }));
}
