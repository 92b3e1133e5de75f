import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./installed.ts";
import type { Peer } from "./peer.ts";
import { findFreePort, startProgram } from "./program.ts";

export const haproxy: Peer = {
  id: "haproxy",
  title: "HAProxy",
  isUsual: false,
  rewrites: false,
  reloads: false,
  missing: () => (findProgram("haproxy") === undefined ? "apt-get install haproxy" : undefined),
  async start(upstream) {
    const folder = await mkdtemp(join(tmpdir(), "framegate-bench-haproxy-"));
    const port = await findFreePort();
    const file = join(folder, "haproxy.cfg");
    await writeFile(
      file,
      `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend clients
  bind 127.0.0.1:${port} backlog 4096
  default_backend servers
backend servers
  server echo 127.0.0.1:${upstream.port}
`,
    );
    return startProgram({
      command: findProgram("haproxy") ?? "haproxy",
      args: ["-db", "-f", file],
      port,
      cleanUp: () => rm(folder, { recursive: true }),
    });
  },
};
