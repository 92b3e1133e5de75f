import { setTimeout as delay } from "node:timers/promises";
import { readCpuMicroseconds } from "../lib/processes.ts";
import type { Load } from "../load/load.ts";
import type { Figures } from "./column.ts";

const MICROSECOND = 1000;
const PATIENCE_MS = 20_000;
const POLL_MS = 50;
const FIRST_PATIENCE_MS = 60_000;
const FIRST_POLL_MS = 5;
const FIRST_SECONDS = 1;

/** Lets a load go on for so long, and sees what it cost the process that it passes. */
export async function observe(pid: number, load: Load, seconds: number): Promise<Figures> {
  load.latencies.reset();
  const before = { cpu: readCpuMicroseconds(pid), count: load.count(), time: performance.now() };
  await delay(seconds * 1000);
  // On a machine that is busy with something else a first answer may take longer than all of it.
  const isSilent = () => load.count() === before.count && !load.hasFailed();
  for (let waited = 0; isSilent() && waited < PATIENCE_MS; waited += POLL_MS) await delay(POLL_MS);
  const after = { cpu: readCpuMicroseconds(pid), count: load.count(), time: performance.now() };
  const count = after.count - before.count;
  if (count === 0) throw new Error(`nothing came back in ${seconds} s, nor ${PATIENCE_MS} ms later`);
  return {
    cpu: (after.cpu - before.cpu) / count,
    perSecond: count / ((after.time - before.time) / 1000),
    p50: load.latencies.percentile(50) / MICROSECOND,
    p99: load.latencies.percentile(99) / MICROSECOND,
    p999: load.latencies.percentile(99.9) / MICROSECOND,
    max: load.latencies.max / MICROSECOND,
  };
}

/** Lets a load that has just begun go on until so much of it has come back. @returns CPU µs of each */
export async function observeFirst(pid: number, load: Load, count: number): Promise<number> {
  const before = readCpuMicroseconds(pid);
  await comeBack(load, count);
  return (readCpuMicroseconds(pid) - before) / Math.max(1, load.count());
}

/** Lets a load go on until so much of it has come back, and stops it. */
export async function passOnce(load: Load, count: number): Promise<void> {
  try {
    await comeBack(load, count);
  } finally {
    load.stop();
  }
}

/** Lets a load go on until so much of it has come back, or has had a minute for it. */
export async function comeBack(load: Load, count: number): Promise<void> {
  const until = performance.now() + FIRST_PATIENCE_MS;
  while (load.count() < count && !load.hasFailed() && performance.now() < until) await delay(FIRST_POLL_MS);
}

/**
 * Warms up, observes, and stops the load whatever comes; what went wrong with it is thrown. The first second, or as much
 * of it as there is, is told beside the rest: in it V8 compiles.
 */
export async function observeWarm(
  pid: number,
  load: Load,
  extent: { readonly warmSeconds: number; readonly seconds: number },
): Promise<Figures> {
  try {
    const before = readCpuMicroseconds(pid);
    const firstSeconds = Math.min(FIRST_SECONDS, extent.warmSeconds);
    await delay(firstSeconds * 1000);
    const first = (readCpuMicroseconds(pid) - before) / Math.max(1, load.count());
    await delay((extent.warmSeconds - firstSeconds) * 1000);
    return { ...(await observe(pid, load, extent.seconds)), first };
  } finally {
    load.stop();
  }
}
