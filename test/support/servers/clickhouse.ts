import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { eventually } from "../eventually.ts";
import { quietPorts } from "./quiet-ports.ts";

export interface TestClickhouse {
  /** Of the HTTP interface. */
  readonly url: string;
  /** Gives the answer's lines. */
  ask(sql: string): Promise<readonly string[]>;
  /** With SIGKILL; settles when it has gone. */
  kill(): Promise<void>;
  /** After `kill`, in the same place; settles when it answers. */
  start(): Promise<void>;
}

/** A real ClickHouse; ends with the test. */
export async function startClickhouse(t: Pick<ExecutionContext, "teardown">): Promise<TestClickhouse> {
  const folder = mkdtempSync(join(tmpdir(), "framegate-clickhouse-"));
  const [http, tcp] = await quietPorts(2);
  const url = `http://127.0.0.1:${http}`;
  const config = join(folder, "config.xml");
  writeFileSync(
    config,
    settingsOf(folder, [`<http_port>${http}</http_port>`, `<tcp_port>${tcp}</tcp_port>`]),
  );
  writeFileSync(join(folder, "users.xml"), USERS);
  let server: ChildProcess;
  const start = async () => {
    server = spawn("clickhouse-server", [`--config-file=${config}`], { stdio: "ignore", cwd: folder });
    await eventually("that ClickHouse answers", () => ask("SELECT 1").catch(() => undefined));
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  };
  t.teardown(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  return { url, ask, kill, start };

  async function ask(sql: string): Promise<readonly string[]> {
    const response = await fetch(url, { method: "POST", body: sql });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text.split("\n").filter((line) => line !== "");
  }
}

function settingsOf(folder: string, ports: readonly string[]): string {
  return `<yandex><logger><level>error</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
  ${ports.join("")}<listen_host>127.0.0.1</listen_host><path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config><mark_cache_size>5242880</mark_cache_size>
  <default_profile>default</default_profile><default_database>default</default_database></yandex>`;
}

const USERS = `<yandex><profiles><default></default></profiles><quotas><default></default></quotas><users>
  <default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
  <writer><password>correct horse</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></writer>
</users></yandex>`;
