import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findProgram } from "./installed.ts";
import type { Peer } from "./peer.ts";
import { findFreePort, startProgram } from "./program.ts";

const source = fileURLToPath(new URL("relays/relay.c", import.meta.url));

/** A relay in C that knows nothing but bytes: the least that a proxy can cost on the machine. */
export const relay: Peer = {
  id: "relay",
  title: "a raw relay in C",
  isUsual: true,
  rewrites: false,
  reloads: false,
  missing: () => (findProgram("cc") === undefined ? "apt-get install gcc libc6-dev" : undefined),
  async start(upstream) {
    const folder = await mkdtemp(join(tmpdir(), "framegate-bench-relay-"));
    const program = join(folder, "relay");
    await promisify(execFile)("cc", ["-O2", "-Wall", "-Wextra", "-o", program, source]);
    const port = await findFreePort();
    return startProgram({
      command: program,
      args: [String(port), String(upstream.port)],
      port,
      cleanUp: () => rm(folder, { recursive: true }),
    });
  },
};
