import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.ts";

export interface TestRedis {
  /** For `kv.url` of a config. */
  readonly url: string;
  /** With SIGKILL; settles when it has gone. */
  kill(): Promise<void>;
  /** After `kill`, in the same place; settles when it listens. */
  start(): Promise<void>;
  /** It goes on listening, and does nothing. */
  pause(): void;
  resume(): void;
  stop(): void;
}

export const hasRedis = spawnSync("redis-server", ["--version"]).error === undefined;

/** A real Redis on a socket of its own, which keeps nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "framegate-redis-"));
  const path = join(folder, "redis.sock");
  const launch = () =>
    spawn("redis-server", ["--port", "0", "--unixsocket", path, "--save", ""], {
      stdio: "ignore",
      cwd: folder,
    });
  let server = launch();
  await listening(path);
  return {
    url: `unix://${path}`,
    async kill() {
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    },
    async start() {
      server = launch();
      await listening(path);
    },
    pause: () => server.kill("SIGSTOP"),
    resume: () => server.kill("SIGCONT"),
    stop() {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when something accepts connections there. */
async function listening(path: string): Promise<void> {
  await eventually(
    "Redis listens",
    () =>
      new Promise<boolean>((resolve) => {
        const socket = createConnection(path, () => resolve(true));
        socket.on("error", () => resolve(false));
        socket.on("close", () => resolve(false));
        socket.once("connect", () => socket.destroy());
      }),
  );
}
