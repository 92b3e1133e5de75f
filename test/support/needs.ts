import { spawnSync } from "node:child_process";
import type { ExecutionContext } from "ava";

/** Programs that tests start, by the Debian package that has them: CI installs those of `.ci/debian-packages`. */
const PACKAGES = {
  buildah: "buildah",
  bwrap: "bubblewrap",
  "clickhouse-server": "clickhouse-server",
  "docker-registry": "docker-registry",
  fish: "fish",
  git: "git",
  haproxy: "haproxy",
  ip: "iproute2",
  nginx: "nginx-light",
  pebble: "pebble",
  podman: "podman",
  postgres: "postgresql",
  promtool: "prometheus",
  "redis-sentinel": "redis-sentinel",
  "redis-server": "redis-server",
  runc: "runc",
  socat: "socat",
  "systemd-analyze": "systemd",
  unzip: "unzip",
  zsh: "zsh",
} as const;

export type Program = keyof typeof PACKAGES;

/**
 * Whether these are there. Where one is missing the test has nothing more to do: it has said so in one line and passed; in
 * CI it has failed.
 */
export function has(t: ExecutionContext, ...programs: readonly Program[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return true;
  const packages = missing.map((program) => PACKAGES[program]).join(" ");
  return tellLack(
    t,
    `${missing.join(", ")} not found, so nothing is tested here: apt-get install ${packages}`,
  );
}

/** @returns false, for the test that ends here */
export function tellLack(t: ExecutionContext, text: string): false {
  if (process.env.CI) {
    t.fail(text);
  } else {
    t.log(text);
    t.pass();
  }
  return false;
}

function isInstalled(program: Program): boolean {
  return findProgram(program) !== undefined;
}

/** Its path; Debian has PostgreSQL's servers in folders of their own. */
export function findProgram(program: string): string | undefined {
  const script = 'PATH=$PATH:$(echo /usr/lib/postgresql/*/bin | tr " " ":"); command -v "$0"';
  const { status, stdout } = spawnSync("sh", ["-c", script, program], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
