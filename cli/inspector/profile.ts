import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { showPath } from "../../policies/shown-path.ts";
import { CliError } from "../errors.ts";
import { DEFAULT_INSPECT_PORT } from "./debugging.ts";
import { type InspectorClient, openInspectorClient } from "./inspector-client.ts";
import { type CpuProfile, mapProfile } from "./profile-places.ts";

export interface ProfileOptions {
  readonly seconds?: number;
  readonly heap?: boolean;
  readonly out?: string;
  readonly inspectPort?: number;
}

const DEFAULT_SECONDS = 10;

/** Takes a CPU profile, or a heap snapshot, of the policy that a `framegate dev --inspect` is run with. */
export async function profilePolicy(policy: string, options: ProfileOptions): Promise<void> {
  const { heap = false, seconds = DEFAULT_SECONDS, inspectPort = DEFAULT_INSPECT_PORT } = options;
  const out = resolve(
    options.out ?? `${policy.replaceAll("/", "-")}.${heap ? "heapsnapshot" : "cpuprofile"}`,
  );
  const client = await openInspectorClient(await findPolicy(policy, inspectPort));
  try {
    if (heap) await writeSnapshot(client, out);
    else await writeProfile(client, seconds, out);
  } finally {
    client.close();
  }
  process.stdout.write(
    `Wrote ${showPath(out)}. Open it in Chrome DevTools (${heap ? "Memory" : "Performance"}).\n`,
  );
}

async function findPolicy(policy: string, port: number): Promise<string> {
  const list = await fetch(`http://127.0.0.1:${port}/json/list`)
    .then((response) => response.json() as Promise<{ title: string; webSocketDebuggerUrl: string }[]>)
    .catch(() => []);
  const found = list.find(({ title }) => title === `policy ${policy}`);
  if (found) return found.webSocketDebuggerUrl;
  const there = list.length === 0 ? "nothing" : `"${list[0]!.title}"`;
  const message = `On port ${port} there is ${there} to profile. Run \`framegate dev --inspect ${policy}\` first.`;
  throw new CliError("ERR_CLI_PATH", message);
}

async function writeProfile(client: InspectorClient, seconds: number, out: string): Promise<void> {
  const sourceMaps = new Map<string, string>();
  client.on("Debugger.scriptParsed", ({ scriptId, sourceMapURL }) => {
    if (sourceMapURL) sourceMaps.set(String(scriptId), String(sourceMapURL));
  });
  await client.ask("Debugger.enable");
  await client.ask("Profiler.enable");
  await client.ask("Profiler.start");
  await delay(seconds * 1000);
  const { profile } = await client.ask("Profiler.stop");
  await writeFile(out, JSON.stringify(mapProfile(profile as CpuProfile, sourceMaps)));
}

async function writeSnapshot(client: InspectorClient, out: string): Promise<void> {
  const file = createWriteStream(out);
  await once(file, "open");
  client.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => void file.write(String(chunk)));
  await client.ask("HeapProfiler.enable");
  await client.ask("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  file.end();
  await once(file, "finish");
}
