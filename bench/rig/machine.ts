import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** What a figure is worth depends on: the machine, and whether it had anything else to do. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} × ${model}, ${memory} GiB, ${readSystem()}, Linux ${release()}, Node ${process.versions.node}, load average at the start ${loadAverage().toFixed(2)}`;
}

/** Of the last minute: above a tenth of a core something else runs, and figures are of no use but as ratios. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

function readSystem(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}
