import type { GoneSignal } from "../net/gone-signal.ts";
import { createWaitingLine, type WaitingLine } from "../upstream/balance/waiting-line.ts";

/** Of one worker: what waits for all of its mirrors, how often one of them is dialled at once, and what is read of their answers in a second. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const MAX_DIALLING = 32;
const MAX_READ_BYTES = 16 * 1024 * 1024;
const READS_A_SECOND = 10;

/** Who dials one mirror, and who waits to. */
interface Dialling {
  count: number;
  readonly line: WaitingLine<() => void>;
}

/** What the mirrors of a worker may take together, so that sessions notice nothing of them. */
export class MirrorRoom {
  #waitingBytes = 0;
  readonly #dialling = new Map<string, Dialling>();
  #readBytes = 0;
  #paused: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @returns false: there is no room for so much */
  take(bytes: number): boolean {
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) return false;
    this.#waitingBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#waitingBytes -= bytes;
  }

  /** Settles when this mirror may be dialled, whatever the others do: each has places of its own. @returns gives the place back; undefined: the signal aborted first */
  async dial(mirror: string, signal: GoneSignal): Promise<(() => void) | undefined> {
    const { line } = this.#diallingOf(mirror);
    const limits = { size: Number.POSITIVE_INFINITY, timeoutMs: 0 };
    const place = this.#enter(mirror) ?? (await line.wait(() => this.#enter(mirror), limits, signal));
    return typeof place === "string" ? undefined : place;
  }

  /** So much has been read. @returns false: it was enough for now; `resume` is called when there may be more */
  read(bytes: number, resume: () => void): boolean {
    this.#readBytes += bytes;
    this.#timer ??= setInterval(() => this.#refill(), 1000 / READS_A_SECOND).unref();
    if (this.#readBytes <= MAX_READ_BYTES / READS_A_SECOND) return true;
    this.#paused.push(resume);
    return false;
  }

  #enter(mirror: string): (() => void) | undefined {
    const dialling = this.#diallingOf(mirror);
    if (dialling.count >= MAX_DIALLING) return undefined;
    dialling.count++;
    return () => {
      dialling.count--;
      dialling.line.offer();
      if (dialling.count === 0) this.#dialling.delete(mirror);
    };
  }

  #diallingOf(mirror: string): Dialling {
    const dialling = this.#dialling.get(mirror) ?? { count: 0, line: createWaitingLine(neverLate) };
    this.#dialling.set(mirror, dialling);
    return dialling;
  }

  #refill(): void {
    const paused = this.#paused;
    if (this.#readBytes === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#readBytes = 0;
    this.#paused = [];
    for (const resume of paused) resume();
  }
}

/** Whoever waits does so until its session is over. */
const neverLate = () => () => {};
