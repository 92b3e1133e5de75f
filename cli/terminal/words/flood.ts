import type { GatewayEvent } from "../../../core/events.ts";

/** So many lines of connections in a second are read; of more there is one line that sums them up. */
const LINES_PER_SECOND = 20;
const SECOND_MS = 1000;

/** What comes with each connection or request. */
const NAMES = {
  "session-start": "opened",
  "session-end": "closed",
  "upgrade-refused": "refused",
  "request-refused": "requests refused",
  "request-proxied": "requests passed on",
  "hold-ended": "held clients gone on",
} as const satisfies Partial<Record<GatewayEvent["type"], string>>;

type Frequent = keyof typeof NAMES;

/** Which of the lines about connections are written one by one. Time comes from outside. */
export class Flood {
  #since = Number.NEGATIVE_INFINITY;
  #written = 0;
  readonly #left = new Map<Frequent, number>();

  /** @returns whether it gets a line of its own */
  take(type: GatewayEvent["type"], now: number): boolean {
    if (!isFrequent(type)) return true;
    if (this.#left.size === 0 && now - this.#since >= SECOND_MS) {
      this.#since = now;
      this.#written = 0;
    }
    if (this.#left.size === 0 && ++this.#written <= LINES_PER_SECOND) return true;
    this.#left.set(type, (this.#left.get(type) ?? 0) + 1);
    return false;
  }

  /** What got no line since the last time; "" when nothing did. */
  sumUp(now: number): string {
    const counts = [...this.#left].map(([type, count]) => `${count} ${NAMES[type]}`);
    this.#left.clear();
    this.#since = now;
    this.#written = 0;
    return counts.length === 0 ? "" : `and ${counts.join(", ")} in this second`;
  }
}

function isFrequent(type: GatewayEvent["type"]): type is Frequent {
  return Object.hasOwn(NAMES, type);
}
