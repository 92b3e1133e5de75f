/** Nothing takes so long, however busy the machine. */
const DEADLINE_MS = 60_000;

/** Wait for a condition that is looked at each time something happens. */
export function createSignal() {
  const waiting = new Set<() => void>();
  return {
    raise(): void {
      for (const look of [...waiting]) look();
    },
    until(condition: () => boolean, what: string): Promise<void> {
      return new Promise((settle, reject) => {
        const deadline = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`waited ${DEADLINE_MS} ms in vain for ${what}`));
        }, DEADLINE_MS);
        function look(): void {
          if (!condition()) return;
          clearTimeout(deadline);
          waiting.delete(look);
          settle();
        }
        waiting.add(look);
        look();
      });
    },
  };
}
