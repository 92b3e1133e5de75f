import type { HolderNote } from "./cap-notes.ts";

export interface OutboxParts {
  /** At the end of this turn. */
  soon(callback: () => void): void;
  send(notes: readonly HolderNote[]): void;
  /** What is asked about a key, in its last moment: by then more may want something, or nobody. */
  question(key: string): HolderNote | undefined;
}

/** What a holder has to say to the book, gathered for a loop turn: what it gives back first, then what it wants. */
export class NoteOutbox {
  readonly #parts: OutboxParts;
  readonly #given = new Map<string, number>();
  readonly #asked = new Set<string>();
  #notes: HolderNote[] = [];
  #isDue = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  give(key: string, count: number): void {
    this.#given.set(key, (this.#given.get(key) ?? 0) + count);
    this.#flushSoon();
  }

  say(note: HolderNote): void {
    this.#notes.push(note);
    this.#flushSoon();
  }

  ask(key: string): void {
    this.#asked.add(key);
    this.#flushSoon();
  }

  flush(): void {
    this.#isDue = false;
    const given = [...this.#given].map(([key, count]): HolderNote => ({ at: "give", key, count }));
    const asked = [...this.#asked].flatMap((key) => this.#parts.question(key) ?? []);
    const notes = [...given, ...this.#notes, ...asked];
    this.#given.clear();
    this.#asked.clear();
    this.#notes = [];
    if (notes.length > 0) this.#parts.send(notes);
  }

  #flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#parts.soon(() => this.flush());
  }
}
