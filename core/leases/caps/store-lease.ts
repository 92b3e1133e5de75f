import type { CapStore, StoreQuestion } from "./cap-store.ts";
import type { CapLimit } from "./places.ts";

/** How often it is looked whether there is a place for who waits in line: nobody says so from elsewhere. */
const LOOK_MS = 100;
/** What has not been used for so long is given back, where there is plenty. */
const IDLE_MS = 1_000;

/** What one machine has of a cap of the fleet. It has one question on its way at a time: what comes meanwhile is in the next. */
export class StoreLease {
  readonly #store: CapStore;
  readonly #key: string;
  readonly #onChange: () => void;
  #count = 0;
  #cap: CapLimit = { most: 0, onStoreLoss: "local" };
  #isAsking = false;
  #mayKeep = false;
  #mayLook = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange there is something otherwise, or it is time to look again */
  constructor(store: CapStore, key: string, onChange: () => void) {
    this.#store = store;
    this.#key = key;
    this.#onChange = onChange;
  }

  /** So many this machine may lend. */
  get count(): number {
    return this.#count;
  }

  /** The cap that it was leased below. */
  get most(): number {
    return this.#cap.most;
  }

  get isAsking(): boolean {
    return this.#isAsking;
  }

  get isHeld(): boolean {
    return this.#count > 0 || this.#isAsking;
  }

  /** Those in line are in the next question. */
  get mayLook(): boolean {
    return this.#mayLook;
  }

  look(): void {
    this.#mayLook = true;
  }

  ask(question: StoreQuestion): void {
    this.#isAsking = true;
    this.#mayLook = false;
    this.#cap = { most: question.most, onStoreLoss: question.onStoreLoss };
    // What is to spare is not lent while it may be on its way back.
    this.#count = question.holding;
    void this.#store.lease(this.#key, question).then(({ granted, mayKeep }) => {
      this.#isAsking = false;
      this.#count = question.holding + granted;
      this.#mayKeep = mayKeep;
      this.#onChange();
    });
  }

  /** Gives back what is to spare, and says what is open without the store's leave. @param isWanted somebody waits */
  settle(lent: number, isWanted: boolean): void {
    if (this.#isAsking) return;
    if (lent > this.#count || (lent < this.#count && !this.#mayKeep && !isWanted)) {
      return this.ask({ ...this.#cap, holding: lent, want: 0 });
    }
    if (isWanted) this.#later(LOOK_MS, () => this.look());
    else if (lent < this.#count) {
      this.#later(IDLE_MS, () => {
        this.#mayKeep = false;
      });
    }
  }

  #later(ms: number, change: () => void): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      change();
      this.#onChange();
    }, ms).unref();
  }
}
