import type { QuarantineEntry, QuarantineReason } from "../../contract/faults.ts";
import type { PolicyBundle } from "../../contract.ts";
import { advanceQuarantine, FREE, type QuarantineEvent, type QuarantineState } from "./quarantine.ts";

type Version = Pick<PolicyBundle, "name" | "version">;

/** Which versions are apart. The worker and the supervisor each keep one. */
export class QuarantineBook {
  readonly #termMs: number;
  readonly #onNews: (entry: QuarantineEntry) => void;
  readonly #states = new Map<string, { readonly version: Version; readonly state: QuarantineState }>();

  /** @param termMs 0: nothing is ever apart */
  constructor(termMs: number, onNews: (entry: QuarantineEntry) => void = () => {}) {
    this.#termMs = termMs;
    this.#onNews = onNews;
  }

  isApart(version: Version): boolean {
    return this.#states.has(keyOf(version));
  }

  /** It has cost its host. */
  offend(version: Version, reason: QuarantineReason, now: number): void {
    if (this.#termMs > 0) this.#advance(version, { type: "offence", reason, now });
  }

  /** What others know. @returns whether any of them was free here */
  take(entries: readonly QuarantineEntry[], now: number): boolean {
    let isNews = false;
    for (const { policy: name, version, reason, until } of entries) {
      if (until <= now || this.#termMs === 0) continue;
      isNews ||= !this.isApart({ name, version });
      this.#advance({ name, version }, { type: "word", reason, until });
    }
    return isNews;
  }

  /** @returns whether any is free now that was not */
  expire(now: number): boolean {
    const before = this.#states.size;
    for (const { version } of [...this.#states.values()]) this.#advance(version, { type: "time", now });
    return this.#states.size < before;
  }

  /** When the next term is over, if nothing happens until then. */
  nextEnd(): number | undefined {
    const ends = this.entries().map(({ until }) => until);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  entries(): QuarantineEntry[] {
    return [...this.#states.values()].flatMap(({ version, state }) => entryOf(version, state));
  }

  #advance(version: Version, event: QuarantineEvent): void {
    const key = keyOf(version);
    const before = this.#states.get(key)?.state ?? FREE;
    const { state, isNews } = advanceQuarantine(before, event, this.#termMs);
    if (state.type === "free") this.#states.delete(key);
    else this.#states.set(key, { version: { name: version.name, version: version.version }, state });
    if (isNews) for (const entry of entryOf(version, state)) this.#onNews(entry);
  }
}

function entryOf({ name, version }: Version, state: QuarantineState): QuarantineEntry[] {
  return state.type === "free" ? [] : [{ policy: name, version, reason: state.reason, until: state.until }];
}

function keyOf({ name, version }: Version): string {
  return `${version} ${name}`;
}
