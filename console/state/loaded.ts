import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: Error | undefined;
}

/**
 * Asks now, when `keys` change, and every `everyMs` if given. What was there stays until the next answer is, so that
 * nothing jumps.
 */
export function useLoaded<T>(
  ask: () => Promise<T>,
  keys: readonly unknown[],
  everyMs = 0,
): readonly [Signal<Loaded<T>>, () => void] {
  const loaded = useSignal<Loaded<T>>({ value: undefined, error: undefined });
  const turn = useSignal(0);
  useEffect(() => {
    let isMine = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      try {
        const value = await ask();
        if (isMine) loaded.value = { value, error: undefined };
      } catch (error) {
        if (isMine) loaded.value = { value: loaded.value.value, error: error as Error };
      }
      if (isMine && everyMs > 0) timer = setTimeout(run, everyMs);
    };
    void run();
    return () => {
      isMine = false;
      clearTimeout(timer);
    };
  }, [...keys, everyMs, turn.value]);
  return [loaded, () => turn.value++];
}
