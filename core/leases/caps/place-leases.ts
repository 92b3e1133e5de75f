import type { BookNote, HolderNote } from "./cap-notes.ts";
import { NoteOutbox } from "./note-outbox.ts";
import type { CapLimit, CapPlaces, OnPlace, Vacancy } from "./places.ts";
import type { Soon } from "./soon.ts";

/** So many that nobody uses are kept of one key, where the book lets them be kept. */
export const MOST_SPARE = 64;

/** What has not been used for so long is given back. */
const IDLE_MS = 1_000;

interface Entry {
  cap: CapLimit;
  /** Of the book, for this process. */
  held: number;
  used: number;
  mayKeep: boolean;
  /** The least that was to spare since it was last looked at. */
  idle: number;
  takers: ((isIn: boolean) => void)[];
  /** Of them, those that the book is being asked for. */
  asked: number;
  /** So many wait in line. */
  waiting: number;
  /** And so many as the book knows. */
  told: number;
  onPlace: OnPlace;
}

/** When things are done. */
export interface LeaseTimes {
  /** At the end of this turn. */
  soon(callback: () => void): void;
  /** Again and again. @returns ends it */
  repeat(callback: () => void, ms: number): () => void;
}

const loopTimes: LeaseTimes = {
  soon: setImmediate,
  repeat(callback, ms) {
    const timer = setInterval(callback, ms).unref();
    return () => clearInterval(timer);
  },
};

/**
 * The places that this process has of the book of all: what it has to spare it takes without asking. What it says goes out
 * together, once a loop turn.
 */
export class PlaceLeases implements CapPlaces {
  readonly #times: LeaseTimes;
  readonly #outbox: NoteOutbox;
  readonly #entries = new Map<string, Entry>();
  /** Of which there may be some to spare. */
  readonly #kept = new Set<string>();
  #endSweep: (() => void) | undefined;

  constructor(send: (notes: readonly HolderNote[]) => void, times: LeaseTimes = loopTimes) {
    this.#times = times;
    this.#outbox = new NoteOutbox({
      soon: times.soon,
      send,
      question: (key) => this.#question(key),
    });
  }

  /** Keys that there is something of. */
  get size(): number {
    return this.#entries.size;
  }

  room(key: string, cap: CapLimit): Vacancy {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.cap.most === cap.most && spareOf(entry) > 0 ? "some" : "unknown";
  }

  take(key: string, cap: CapLimit): Soon<boolean> {
    const entry = this.#enter(key, cap);
    if (this.#use(entry)) return true;
    return new Promise((resolve) => {
      entry.takers.push(resolve);
      this.#ask(key, entry);
    });
  }

  give(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.used--;
    const isKept = entry.mayKeep && entry.waiting === 0 && entry.used > 0 && spareOf(entry) <= MOST_SPARE;
    if (!isKept) this.#giveSpare(key, entry);
  }

  declare(key: string, count: number): void {
    const entry = this.#entries.get(key) ?? this.#add(key, NO_CAP);
    entry.held += count;
    entry.used += count;
    this.#outbox.say({ at: "declare", key, count });
  }

  expect(key: string, cap: CapLimit, count: number, onPlace: OnPlace): void {
    const known = this.#entries.get(key);
    if (count === 0 && known === undefined) return;
    const isOther = known?.cap.most !== cap.most;
    const entry = this.#enter(key, cap);
    entry.onPlace = onPlace;
    entry.waiting = count;
    if (count > 0 && spareOf(entry) > 0) onPlace();
    if (entry.waiting !== entry.told || (isOther && entry.waiting > 0)) {
      entry.told = entry.waiting;
      this.#outbox.say({ at: "line", key, cap, count: entry.told });
    }
    this.#dropIfEmpty(key, entry);
  }

  /** What the book says. */
  hear(notes: readonly BookNote[]): void {
    for (const note of notes) {
      switch (note.at) {
        case "answer":
          this.#answer(note.key, note.count, note.mayKeep);
          break;
        case "recall":
          this.#recall(note.key);
          break;
        case "lend":
          this.#lend(note.key);
          break;
      }
    }
  }

  #answer(key: string, count: number, mayKeep: boolean): void {
    const entry = this.#entries.get(key) ?? this.#add(key, NO_CAP);
    entry.held += count;
    entry.mayKeep = mayKeep;
    const { takers, asked } = entry;
    entry.takers = [];
    entry.asked = 0;
    for (const [index, taker] of takers.entries()) {
      const isIn = this.#use(entry);
      // Who has come since the question was sent is asked for in the next.
      if (isIn || index < asked) taker(isIn);
      else entry.takers.push(taker);
    }
    if (entry.takers.length > 0) this.#ask(key, entry);
    if (mayKeep) this.#keep(key, entry);
    else this.#giveSpare(key, entry);
  }

  #recall(key: string): void {
    const entry = this.#entries.get(key);
    const count = entry === undefined ? 0 : spareOf(entry);
    this.#outbox.say({ at: "recalled", key, count });
    // Somebody waits for it.
    this.#outbox.flush();
    if (entry === undefined) return;
    entry.held -= count;
    entry.mayKeep = false;
    this.#kept.delete(key);
    this.#dropIfEmpty(key, entry);
  }

  #lend(key: string): void {
    const entry = this.#entries.get(key) ?? this.#add(key, NO_CAP);
    entry.held++;
    if (entry.told > 0) entry.told--;
    if (entry.waiting > 0) entry.onPlace();
    if (!entry.mayKeep) this.#giveSpare(key, entry);
  }

  #use(entry: Entry): boolean {
    if (spareOf(entry) === 0) return false;
    entry.used++;
    entry.idle = Math.min(entry.idle, spareOf(entry));
    return true;
  }

  #giveSpare(key: string, entry: Entry, count = spareOf(entry)): void {
    if (count > 0) {
      entry.held -= count;
      this.#outbox.give(key, count);
    }
    this.#dropIfEmpty(key, entry);
  }

  #keep(key: string, entry: Entry): void {
    entry.idle = spareOf(entry);
    this.#kept.add(key);
    this.#endSweep ??= this.#times.repeat(() => this.#giveIdle(), IDLE_MS);
  }

  #giveIdle(): void {
    for (const key of this.#kept) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      const count = entry.used === 0 ? spareOf(entry) : Math.min(entry.idle, spareOf(entry));
      this.#giveSpare(key, entry, count);
      entry.idle = spareOf(entry);
    }
    if (this.#kept.size > 0) return;
    this.#endSweep?.();
    this.#endSweep = undefined;
  }

  #enter(key: string, cap: CapLimit): Entry {
    const entry = this.#entries.get(key) ?? this.#add(key, cap);
    const isSame = entry.cap.most === cap.most;
    entry.cap = cap;
    if (isSame) return entry;
    // What there is was lent below another cap.
    const count = spareOf(entry);
    if (count > 0) this.#giveSpare(key, entry, count);
    this.#entries.set(key, entry);
    return entry;
  }

  #add(key: string, cap: CapLimit): Entry {
    const none = { held: 0, used: 0, mayKeep: false, idle: 0, asked: 0, waiting: 0, told: 0 };
    const entry: Entry = { cap, ...none, takers: [], onPlace() {} };
    this.#entries.set(key, entry);
    return entry;
  }

  #dropIfEmpty(key: string, { held, takers, waiting, told }: Entry): void {
    if (held > 0 || takers.length > 0 || waiting > 0 || told > 0) return;
    this.#entries.delete(key);
    this.#kept.delete(key);
  }

  #ask(key: string, entry: Entry): void {
    if (entry.asked === 0) this.#outbox.ask(key);
  }

  #question(key: string): HolderNote | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.takers.length === 0) return undefined;
    entry.asked = entry.takers.length;
    return { at: "ask", key, cap: entry.cap, count: entry.asked };
  }
}

/** Of what is there without having been asked for. */
const NO_CAP = { most: 0, onStoreLoss: "local" } as const;

function spareOf({ held, used }: Entry): number {
  return held - used;
}
