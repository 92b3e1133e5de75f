import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type NetConnectOpts } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import type { TestCertificate } from "./certificate.ts";

export interface TestRedis {
  /** For `kv.url` or `cluster.url` of a config. */
  readonly url: string;
  /** With SIGKILL; settles when it has gone. */
  kill(): Promise<void>;
  /** After `kill`, in the same place; settles when it listens. */
  start(): Promise<void>;
  /** It goes on listening, and does nothing. */
  pause(): void;
  resume(): void;
  /** One command, by a connection of its own; gives what redis-cli prints. */
  ask(...command: readonly string[]): string;
  stop(): void;
}

export interface RedisOptions {
  /** Of 127.0.0.1; without one it listens on a socket of its own. */
  readonly port?: number;
  /** All connections to its port are over TLS. */
  readonly tls?: TestCertificate;
  /** Lines of its configuration. */
  readonly lines?: readonly string[];
  /** Flags after its configuration. */
  readonly flags?: readonly string[];
}

export const hasRedis = spawnSync("redis-server", ["--version"]).error === undefined;

/** A real Redis, which keeps nothing on disk. */
export async function startRedis({
  port,
  tls,
  lines = [],
  flags = [],
}: RedisOptions = {}): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "framegate-redis-"));
  const path = join(folder, "redis.sock");
  const config = join(folder, "redis.conf");
  const at: NetConnectOpts = port === undefined ? { path } : { port, host: "127.0.0.1" };
  writeFileSync(config, [...placeLines(folder, path, { port, tls }), ...lines, ""].join("\n"));
  const launch = () => spawn("redis-server", [config, ...flags], { stdio: "ignore", cwd: folder });
  const ways = port === undefined || tls !== undefined ? ["-s", path] : ["-p", String(port)];
  let server = launch();
  await listening(at);
  return {
    url:
      port === undefined ? `unix://${path}` : `${tls === undefined ? "redis" : "rediss"}://127.0.0.1:${port}`,
    async kill() {
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    },
    async start() {
      server = launch();
      await listening(at);
    },
    pause: () => server.kill("SIGSTOP"),
    resume: () => server.kill("SIGCONT"),
    ask(...command) {
      const { stdout, stderr } = spawnSync("redis-cli", [...ways, ...command], { encoding: "utf8" });
      return `${stdout}${stderr}`.trim();
    },
    stop() {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function placeLines(folder: string, path: string, { port, tls }: RedisOptions): string[] {
  const shared = ["bind 127.0.0.1", 'save ""'];
  if (port === undefined) return [...shared, "port 0", `unixsocket ${path}`];
  if (tls === undefined) return [...shared, `port ${port}`];
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(cert, tls.cert);
  writeFileSync(key, tls.key);
  return [
    ...shared,
    "port 0",
    `unixsocket ${path}`,
    `tls-port ${port}`,
    `tls-cert-file ${cert}`,
    `tls-key-file ${key}`,
    `tls-ca-cert-file ${cert}`,
    "tls-auth-clients optional",
  ];
}

/** Resolves when something accepts connections there. */
async function listening(at: NetConnectOpts): Promise<void> {
  await eventually(
    "Redis listens",
    () =>
      new Promise<boolean>((resolve) => {
        const socket = createConnection(at, () => resolve(true));
        socket.on("error", () => resolve(false));
        socket.on("close", () => resolve(false));
        socket.once("connect", () => socket.destroy());
      }),
  );
}
