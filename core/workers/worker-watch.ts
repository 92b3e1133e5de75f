import { readThreadTime } from "../../sandbox/index.ts";
import { advanceSilence, type SilenceState, WELL } from "./silence.ts";
import type { Worker } from "./worker.ts";

export interface WorkerWatch {
  stop(): void;
}

/** So often within the time that a worker may be silent for. */
const LOOKS = 4;
/** What a process may take before its first answer, beyond that. */
const START_MS = 10_000;

/**
 * Asks a worker again and again whether it is alive: one that is stopped, or hangs, does not end by itself, and its
 * sessions would wait for ever. One of this very process (without a `pid`) is not asked.
 *
 * @param silenceMs 0: it is not asked at all
 * @param onSilent told once
 */
export function watchWorker(
  worker: Pick<Worker, "pid" | "ping">,
  silenceMs: number,
  onSilent: () => void,
): WorkerWatch {
  const { pid } = worker;
  if (pid === undefined || silenceMs === 0) return { stop() {} };
  const lookMs = silenceMs / LOOKS;
  let state: SilenceState = WELL;
  let allowedMs = silenceMs + START_MS;
  let lastLook = performance.now();
  const timer = setInterval(look, lookMs).unref();
  return { stop: () => clearInterval(timer) };

  function look(): void {
    const now = performance.now();
    const wasBlocked = now - lastLook > 2 * lookMs;
    lastLook = now;
    const wasWell = state.at === "well";
    const waitedMs = readThreadTime(pid!)?.waitedMs ?? 0;
    state = advanceSilence(state, { type: "look", now, waitedMs, wasBlocked }, allowedMs);
    if (state.at === "asked" && wasWell) ask();
    if (state.at !== "silent") return;
    clearInterval(timer);
    onSilent();
  }

  function ask(): void {
    const onAnswer = (): void => {
      allowedMs = silenceMs;
      state = advanceSilence(state, { type: "answer" }, allowedMs);
    };
    // "I have not begun" is an answer as well; that of one that has ended comes too late to matter.
    worker.ping().then(onAnswer, onAnswer);
  }
}
