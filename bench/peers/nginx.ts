import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./installed.ts";
import type { Peer, RunningPeer, Upstream } from "./peer.ts";
import { findFreePort, startProgram } from "./program.ts";

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

export const nginx = peer("nginx", "nginx", true, "");
/** Read in larger pieces: what it costs with large messages is mostly its buffers of 4 or 8 KiB. */
export const nginxLargeBuffers = peer(
  "nginx-64k",
  "nginx, buffers of 64 KiB",
  false,
  "proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k;",
);

function peer(id: string, title: string, isUsual: boolean, directives: string): Peer {
  return {
    id,
    title,
    isUsual,
    rewrites: false,
    reloads: true,
    missing: () => (findProgram("nginx") === undefined ? "apt-get install nginx-light" : undefined),
    start: (upstream) => start(upstream, directives),
  };
}

async function start(upstream: Upstream, directives: string): Promise<RunningPeer> {
  const folder = await mkdtemp(join(tmpdir(), "framegate-bench-nginx-"));
  const port = await findFreePort();
  const file = join(folder, "nginx.conf");
  await writeFile(file, configOf(folder, port, upstream, directives));
  const running = await startProgram({
    command: findProgram("nginx") ?? "nginx",
    args: ["-p", folder, "-e", "stderr", "-c", file],
    port,
    cleanUp: () => rm(folder, { recursive: true }),
  });
  return {
    ...running,
    async reload() {
      process.kill(running.pid, "SIGHUP");
    },
  };
}

function configOf(folder: string, port: number, upstream: Upstream, directives: string): string {
  const temporary = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ");
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 24000; }
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://127.0.0.1:${upstream.port};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
      ${directives}
    }
  }
}
`;
}
