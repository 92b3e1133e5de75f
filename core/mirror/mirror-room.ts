/** Of one worker: what waits for all of its mirrors, how many are dialled at once, and what is read of their answers in a second. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const MAX_DIALLING = 32;
const MAX_READ_BYTES = 16 * 1024 * 1024;
const READS_A_SECOND = 10;

/** What the mirrors of a worker may take together, so that sessions notice nothing of them. */
export class MirrorRoom {
  #waitingBytes = 0;
  #dialling = 0;
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

  /** @returns gives the place back; undefined: so many are dialled already that this one has to wait */
  dial(): (() => void) | undefined {
    if (this.#dialling >= MAX_DIALLING) return undefined;
    this.#dialling++;
    return () => {
      this.#dialling--;
    };
  }

  /** So much has been read. @returns false: it was enough for now; `resume` is called when there may be more */
  read(bytes: number, resume: () => void): boolean {
    this.#readBytes += bytes;
    this.#timer ??= setInterval(() => this.#refill(), 1000 / READS_A_SECOND).unref();
    if (this.#readBytes <= MAX_READ_BYTES / READS_A_SECOND) return true;
    this.#paused.push(resume);
    return false;
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
