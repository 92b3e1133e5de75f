import type { GoneSignal } from "../../net/gone-signal.ts";

/** Connections that wait for room at a server, first come first served. Pure but for the timer it is given. */
export interface WaitingLine<Place> {
  readonly length: number;
  /**
   * @param take gives a place, or undefined when there is none yet; called when there may be one
   * @returns the place, or why there is none
   */
  wait(
    take: () => Place | undefined,
    limits: { readonly size: number; readonly timeoutMs: number },
    signal: GoneSignal,
  ): Promise<Place | "full" | "timeout" | "aborted">;
  /** There may be room: give it to those who wait, in their order, as long as there is. */
  offer(): void;
}

/** Calls back after so many milliseconds, unless what it returns is called before. */
export type Schedule = (callback: () => void, ms: number) => () => void;

export function createWaitingLine<Place extends object>(schedule: Schedule): WaitingLine<Place> {
  const waiting = new Set<() => boolean>();
  return {
    get length() {
      return waiting.size;
    },
    wait(take, { size, timeoutMs }, signal) {
      if (waiting.size >= size) return Promise.resolve("full");
      if (signal.aborted) return Promise.resolve("aborted");
      return new Promise((resolve) => {
        const cancel = schedule(() => leave("timeout"), timeoutMs);
        const onAbort = (): void => leave("aborted");
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.add(tryTake);

        function tryTake(): boolean {
          const place = take();
          if (place !== undefined) leave(place);
          return place !== undefined;
        }

        function leave(result: Place | "timeout" | "aborted"): void {
          waiting.delete(tryTake);
          cancel();
          signal.removeEventListener("abort", onAbort);
          resolve(result);
        }
      });
    },
    offer() {
      for (const tryTake of waiting) if (!tryTake()) return;
    },
  };
}
