import { setTimeout as delay } from "node:timers/promises";
import { findParts, type ProcessKind, readProcessKiB, startScript } from "../lib/processes.ts";
import { startClosedLoop } from "../load/closed-loop.ts";
import type { Load } from "../load/load.ts";
import { startUpgradeLoop } from "../load/upgrade-loop.ts";
import { framegatePeers, type Tree } from "../peers/framegate.ts";
import type { RunningPeer } from "../peers/peer.ts";

/** Memory of all processes of a kind, in MiB. */
export interface MemorySample {
  /** How far the course was: minutes, or upgrades. */
  readonly at: number;
  readonly mib: Readonly<Partial<Record<ProcessKind, number>>>;
}

/** What a gateway's memory did while it worked. */
export interface Course {
  readonly title: string;
  /** Of what the samples are at. */
  readonly unit: string;
  /** What has passed in all, in words. */
  readonly passed: string;
  readonly samples: readonly MemorySample[];
  /** Why it ended before its time. */
  readonly failure: string | undefined;
}

const MESSAGE_BYTES = 64 * 1024;
const CONNECTIONS = 20;
const UPGRADES_AT_A_TIME = 32;
const SAMPLE_MS = 2_000;
const MIN_SAMPLES = 30;
/** Without a message or an upgrade for so long, it has stopped. */
const SILENCE_MS = 60_000;

/** @param signal aborted: whatever it has begun ends */
export function followMessages(tree: Tree, minutes: number, signal: AbortSignal): Promise<Course> {
  return withGateway(tree, "rewrites", async (running) => {
    const load = await startClosedLoop({
      ...{ port: running.port, paths: running.paths, isRewritten: true },
      ...{ messageBytes: MESSAGE_BYTES, connections: CONNECTIONS, inFlight: 1 },
    });
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 60_000;
    const everyMs = Math.min(SAMPLE_MS, (minutes * 60_000) / MIN_SAMPLES);
    const sampling = { progress: elapsed, end: minutes, everyMs, signal };
    const sampled = await sampleUntil(running.pid, load, sampling);
    const gibibytes = (load.count() * MESSAGE_BYTES) / 2 ** 30;
    return {
      title: "Messages of 64 KiB through a policy that rewrites them",
      unit: "minutes",
      passed: `${load.count().toLocaleString("en")} messages there and back, ${gibibytes.toFixed(0)} GiB each way`,
      ...sampled,
    };
  });
}

/** @param signal as in `followMessages` */
export function followUpgrades(tree: Tree, upgrades: number, signal: AbortSignal): Promise<Course> {
  return withGateway(tree, "hook", async (running) => {
    const load = startUpgradeLoop({ ...running, atATime: UPGRADES_AT_A_TIME });
    const everyMs = Math.min(SAMPLE_MS, upgrades / MIN_SAMPLES);
    const sampling = { progress: load.count, end: upgrades, everyMs, signal };
    const sampled = await sampleUntil(running.pid, load, sampling);
    return {
      title: "Upgrades through a hook, each closed again",
      unit: "upgrades",
      passed: `${load.count().toLocaleString("en")} upgrades`,
      ...sampled,
    };
  });
}

async function withGateway(
  tree: Tree,
  row: string,
  use: (running: RunningPeer) => Promise<Course>,
): Promise<Course> {
  const peer = framegatePeers([tree]).find(({ id }) => id === row);
  if (peer === undefined) throw new Error(`there is no row ${row}`);
  const echo = await startScript("echo-server.ts", []);
  try {
    const running = await peer.start(echo);
    try {
      return await use(running);
    } finally {
      await running.stop();
    }
  } finally {
    await echo.stop();
  }
}

interface Sampling {
  progress(): number;
  readonly end: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

async function sampleUntil(
  pid: number,
  load: Load,
  { progress, end, everyMs, signal }: Sampling,
): Promise<Pick<Course, "samples" | "failure">> {
  const samples: MemorySample[] = [];
  let moved = { count: load.count(), at: performance.now() };
  let failure: string | undefined;
  while (failure === undefined && progress() < end && !load.hasFailed()) {
    await delay(everyMs);
    samples.push({ at: Math.min(end, progress()), mib: readByKind(pid) });
    if (load.count() !== moved.count) moved = { count: load.count(), at: performance.now() };
    if (performance.now() - moved.at > SILENCE_MS) failure = `nothing has passed for ${SILENCE_MS / 1000} s`;
    if (signal.aborted) failure ??= "the other has failed";
  }
  try {
    load.stop();
  } catch (error) {
    failure = (error as Error).message;
  }
  return { samples, failure };
}

function readByKind(supervisor: number): MemorySample["mib"] {
  const mib: Partial<Record<ProcessKind, number>> = {};
  for (const { kind, pid } of findParts(supervisor))
    mib[kind] = (mib[kind] ?? 0) + (readProcessKiB(pid) ?? 0) / 1024;
  return mib;
}
