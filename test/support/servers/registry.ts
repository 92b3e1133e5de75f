import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ExecutionContext } from "ava";
import { makeFolder } from "../../config/folder.ts";

export interface TestRegistry {
  /** 127.0.0.1 and its port. */
  readonly host: string;
  /** Where it keeps what it has. */
  readonly dir: string;
  /** With SIGKILL; settles when it has gone. */
  kill(): Promise<void>;
  /** It goes on listening, and does nothing. */
  pause(): void;
  resume(): void;
}

/** The password is "secret", as bcrypt has it. */
const USERS = "anna:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/** A real registry with a folder of its own; `anna` with the password `secret` may use it, or everybody. */
export async function startRegistry(t: ExecutionContext, { isOpen = false } = {}): Promise<TestRegistry> {
  const dir = await makeFolder(t, { users: USERS });
  const config = {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(dir, "data") } },
    http: { addr: "127.0.0.1:0" },
    ...(!isOpen && { auth: { htpasswd: { realm: "test", path: join(dir, "users") } } }),
  };
  // JSON is YAML.
  await writeFile(join(dir, "config.yml"), JSON.stringify(config));
  const server = spawn("docker-registry", ["serve", join(dir, "config.yml")], {
    cwd: dir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.teardown(() => server.kill("SIGKILL"));
  const host = await addressOf(server);
  return {
    ...{ host, dir: join(dir, "data") },
    async kill() {
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    },
    pause: () => server.kill("SIGSTOP"),
    resume: () => server.kill("SIGCONT"),
  };
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr! })) {
    lines.push(line);
    const [, address] = /listening on (127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (address === undefined) continue;
    stderr!.resume();
    return address;
  }
  throw new Error(`the registry does not listen:\n${lines.join("\n")}`);
}
