import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import pg from "pg";
import { eventually } from "../eventually.ts";
import { findProgram } from "../needs.ts";
import type { TestCertificate } from "./certificate.ts";

export interface TestPostgres {
  /** For a sink's `url`: over its socket, as the owner of the database. */
  readonly url: string;
  /** Of 127.0.0.1, with TLS alone. */
  readonly port: number;
  ask<Row extends object>(sql: string): Promise<readonly Row[]>;
  /** With SIGKILL, all of it; settles when it has gone. */
  kill(): Promise<void>;
  /** After `kill`, in the same place; settles when it answers. */
  start(): Promise<void>;
}

export interface PostgresOptions {
  readonly port?: number;
  readonly tls?: TestCertificate;
  /** Lines of pg_hba.conf in front of the one that trusts the socket. */
  readonly access?: readonly string[];
}

/** It refuses to run as root. */
const isRoot = process.getuid?.() === 0;
const idOf = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
const as = isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : {};

/** The files of a server, made once in a process. */
let template: string | undefined;

/** A real PostgreSQL on a socket of its own; ends with the test. */
export async function startPostgres(
  t: Pick<ExecutionContext, "teardown">,
  { port, tls, access = [] }: PostgresOptions = {},
): Promise<TestPostgres> {
  template ??= makeTemplate();
  const folder = mkdtempSync(join(tmpdir(), "framegate-postgres-"));
  const data = join(folder, "data");
  cpSync(template, data, { recursive: true });
  chmodSync(data, 0o700);
  writeFileSync(join(data, "pg_hba.conf"), [...access, "local all all trust", ""].join("\n"));
  if (tls !== undefined) {
    writeFileSync(join(data, "server.crt"), tls.cert);
    writeFileSync(join(data, "server.key"), tls.key);
    chmodSync(join(data, "server.key"), 0o600);
  }
  if (isRoot) spawnSync("chown", ["-R", "postgres:postgres", folder]);
  const flags = [
    ...[
      "-D",
      data,
      "-k",
      folder,
      "-F",
      "-p",
      String(port ?? 5432),
      "-h",
      port === undefined ? "" : "127.0.0.1",
    ],
    ...(tls === undefined ? [] : ["-l"]),
    ...["-c", "shared_buffers=1MB", "-c", "max_connections=20", "-c", "autovacuum=off"],
  ];
  const settings = { host: folder, port: port ?? 5432, user: "framegate", database: "postgres" };
  let server: ChildProcess;
  const launch = async () => {
    server = spawn(program("postgres"), flags, { ...as, stdio: "ignore", cwd: folder });
    await eventually("that PostgreSQL answers", () => ask("SELECT 1").catch(() => undefined));
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
    // Its other processes see it, and go.
    await eventually("that all of it has gone", async () => {
      const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
      return !stdout.includes(folder);
    });
    rmSync(join(data, "postmaster.pid"), { force: true });
  };
  t.teardown(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await launch();
  return {
    url: `postgres://framegate@localhost:${settings.port}/postgres?host=${folder}`,
    port: settings.port,
    ask,
    kill,
    start: launch,
  };

  async function ask<Row extends object>(sql: string): Promise<readonly Row[]> {
    const client = new pg.Client(settings);
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

function makeTemplate(): string {
  const folder = mkdtempSync(join(tmpdir(), "framegate-initdb-"));
  if (isRoot) spawnSync("chown", ["postgres:postgres", folder]);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const flags = ["-D", data, "-A", "trust", "-N", "-U", "framegate", "--no-locale", "-E", "UTF8"];
  const { status, stderr } = spawnSync(program("initdb"), flags, { ...as, encoding: "utf8" });
  if (status !== 0) throw new Error(`initdb: ${stderr}`);
  return data;
}

function program(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}
