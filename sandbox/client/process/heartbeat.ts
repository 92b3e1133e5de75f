import type { HostLimits } from "../../contract/limits.ts";
import { advanceWatch, graceMs, NOTHING_SEEN, type SeenEntry } from "./entry-watch.ts";
import { readResidentMemory } from "./resident-memory.ts";
import { readThreadTime } from "./thread-time.ts";

export interface Heartbeat {
  /** The host is given something to do. */
  onWork(): void;
  /** Anything came from the host. */
  onLife(): void;
  onPong(rss: number): void;
  stop(): void;
}

/** Of a host, those that a heartbeat is judged by. */
type BeatLimits = Pick<HostLimits, "heartbeatMs" | "silenceMs" | "maxRssBytes">;

export interface Patient {
  readonly pid: number;
  /** Whether watching it holds this process. Default: true. */
  readonly holdsProcess?: boolean;
  ping(): void;
  /** What it is in at the moment, by its own word. */
  peek(): SeenEntry;
  /** It has been given something, and has not said what came of it. */
  isBusy(): boolean;
  /** A time that the host may be silent for, beyond `silenceMs`: something slow is being loaded. */
  extraSilenceMs(): number;
  onSick(reason: "silent" | "memory", detail: string): void;
}

/** How often the entry that a busy host is in is looked at: a read of some bytes, which the host does not notice. */
const WATCH_MS = 10;

/**
 * Watches one host. It hangs when an entry goes on beyond its time. Whatever else is wrong with it, and
 * where the system does not tell of CPU time: it is silent. Silence counts from the oldest ping without an answer, only
 * while our own loop turned, and without the time for which the machine did not let the host run.
 */
export function startHeartbeat(limits: BeatLimits, patient: Patient): Heartbeat {
  const grace = graceMs(limits.silenceMs);
  let unansweredSince: number | undefined;
  let waitedBefore = 0;
  let seen = NOTHING_SEEN;
  /** Only while there is something to look at: an idle worker had better sleep. */
  let watch: NodeJS.Timeout | undefined;
  let lastTick = performance.now();
  const timer = setInterval(tick, limits.heartbeatMs);
  if (patient.holdsProcess === false) timer.unref();

  function tick(): void {
    const now = performance.now();
    const wasBlocked = now - lastTick > 2 * limits.heartbeatMs;
    lastTick = now;
    // An answer may lie unread in the socket: the host gets its whole time again.
    if (unansweredSince === undefined || wasBlocked) {
      unansweredSince = now;
      waitedBefore = readThreadTime(patient.pid)?.waitedMs ?? 0;
    } else {
      if (isTooLarge(readResidentMemory(patient.pid))) return;
      const waited = (readThreadTime(patient.pid)?.waitedMs ?? 0) - waitedBefore;
      const silence = now - unansweredSince - Math.max(0, waited);
      if (silence > limits.silenceMs + patient.extraSilenceMs()) {
        patient.onSick("silent", `no answer for ${Math.round(silence)} ms`);
        return;
      }
    }
    patient.ping();
  }

  function look(): void {
    const current = patient.peek();
    if (current.entry === 0 && seen.entry === 0) {
      if (!patient.isBusy()) unwatch();
      return;
    }
    const time = readThreadTime(patient.pid);
    if (time === undefined) return;
    const now = { cpuMs: time.cpuMs, nowMs: performance.now() };
    const { state, hangsForMs } = advanceWatch(seen, current, now, grace);
    seen = state;
    if (hangsForMs !== undefined)
      patient.onSick(
        "silent",
        `it has used the CPU for ${Math.round(hangsForMs)} ms in one entry, which may take ${current.limitMs} ms`,
      );
  }

  function unwatch(): void {
    clearInterval(watch);
    watch = undefined;
  }

  function isTooLarge(rss: number): boolean {
    if (rss <= limits.maxRssBytes) return false;
    patient.onSick(
      "memory",
      `${Math.round(rss / 1048576)} MiB resident, above ${Math.round(limits.maxRssBytes / 1048576)}`,
    );
    return true;
  }

  return {
    onWork() {
      if (watch !== undefined) return;
      watch = setInterval(look, WATCH_MS);
      if (patient.holdsProcess === false) watch.unref();
    },
    onLife() {
      unansweredSince = undefined;
    },
    onPong(rss) {
      unansweredSince = undefined;
      isTooLarge(rss);
    },
    stop() {
      clearInterval(timer);
      unwatch();
    },
  };
}
