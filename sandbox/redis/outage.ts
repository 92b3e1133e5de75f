/** Of several parts: what is said is that the first one is lost, and that all are there again. */
export interface Outage {
  lose(part: string, reason: string): void;
  /** Also of one that is not needed any more. */
  recover(part: string): void;
  isOver(): boolean;
}

export interface OutageListener {
  onLost(reason: string): void;
  onBack(): void;
}

export function watchOutage({ onLost, onBack }: OutageListener): Outage {
  const missing = new Set<string>();
  return {
    lose(part, reason) {
      if (missing.has(part)) return;
      missing.add(part);
      if (missing.size === 1) onLost(reason);
    },
    recover(part) {
      if (missing.delete(part) && missing.size === 0) onBack();
    },
    isOver: () => missing.size === 0,
  };
}
