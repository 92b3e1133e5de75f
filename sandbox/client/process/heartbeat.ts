import { readFileSync } from "node:fs";
import type { HostLimits } from "../../contract.ts";

export interface Heartbeat {
  /** Anything came from the host. */
  onLife(): void;
  onPong(rss: number): void;
  stop(): void;
}

export interface Patient {
  readonly pid: number;
  /** Whether watching it holds this process. Default: true. */
  readonly holdsProcess?: boolean;
  ping(): void;
  /** A time that the host may be silent for, beyond `silenceMs`: something slow is being loaded. */
  extraSilenceMs(): number;
  onSick(reason: "silent" | "memory", detail: string): void;
}

/** Watches one host. Silence counts from the oldest ping without an answer, and only while our own loop turned. */
export function startHeartbeat(limits: HostLimits, patient: Patient): Heartbeat {
  let unansweredSince: number | undefined;
  let lastTick = performance.now();
  const timer = setInterval(tick, limits.heartbeatMs);
  if (patient.holdsProcess === false) timer.unref();

  function tick(): void {
    const now = performance.now();
    const wasBlocked = now - lastTick > 2 * limits.heartbeatMs;
    lastTick = now;
    if (unansweredSince === undefined) unansweredSince = now;
    // An answer may lie unread in the socket: the host gets its whole time again.
    else if (wasBlocked) unansweredSince = now;
    else {
      if (isTooLarge(readRss(patient.pid))) return;
      const silence = now - unansweredSince;
      if (silence > limits.silenceMs + patient.extraSilenceMs()) {
        patient.onSick("silent", `no answer for ${Math.round(silence)} ms`);
        return;
      }
    }
    patient.ping();
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
    onLife() {
      unansweredSince = undefined;
    },
    onPong(rss) {
      unansweredSince = undefined;
      isTooLarge(rss);
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/** Resident bytes of a process that cannot be asked; 0 where the system does not tell. */
function readRss(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return match ? Number(match[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}
