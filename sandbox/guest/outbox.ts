import {
  type resultKind as kinds,
  MAX_RESULTS,
  RESULT_INTS,
  result,
  SHARED_RESULTS,
  shared,
} from "../protocol.ts";

/**
 * Results on their way to the host. While an entry runs they are written to the shared memory, and their texts to one
 * string, which the entry returns. What settles later, when the host is about to read that memory, waits here for the
 * next entry.
 */
export interface Outbox {
  open(): void;
  add(
    id: number,
    kind: Kind,
    text: string,
    session: string | undefined,
    binary: Uint8Array | undefined,
  ): void;
  /** End the entry: the texts of all its results. */
  seal(): string;
  /** The texts once more: the host has not received them. */
  lastText(): string;
  takeBinary(): Uint8Array;
  /** There is news that only a `drain` entry can tell. */
  askForDrain(isWanted: boolean): void;
  /** The entry has produced so much that the batch is better left. */
  isFull(): boolean;
}

type Kind = (typeof kinds)[keyof typeof kinds];

interface LateResult {
  readonly id: number;
  readonly kind: Kind;
  readonly text: string;
  readonly session: string | undefined;
  readonly binary: Uint8Array | undefined;
}

const FULL_BYTES = 4 * 1024 * 1024;

export function createOutbox(memory: Int32Array): Outbox {
  let isOpen = false;
  let count = 0;
  let text = "";
  let last = "";
  let binaries: Uint8Array[] = [];
  let binaryLength = 0;
  let late: LateResult[] = [];
  let isDrainWanted = false;

  function announceLate(): void {
    memory[shared.late] = late.length + (isDrainWanted ? 1 : 0);
  }

  function write(
    id: number,
    kind: Kind,
    body: string,
    session: string | undefined,
    binary: Uint8Array | undefined,
  ): void {
    const at = SHARED_RESULTS + count * RESULT_INTS;
    memory[at + result.id] = id;
    memory[at + result.kind] = kind;
    memory[at + result.text] = body.length;
    memory[at + result.session] = session === undefined ? -1 : session.length;
    memory[at + result.binary] = binary === undefined ? 0 : binary.length;
    count++;
    if (body !== "") text += body;
    if (session !== undefined) text += session;
    if (binary !== undefined && binary.length > 0) {
      binaries.push(binary);
      binaryLength += binary.length;
    }
  }

  return {
    open() {
      isOpen = true;
      count = 0;
      text = "";
      binaries = [];
      binaryLength = 0;
      const waiting = late;
      late = [];
      for (const one of waiting) this.add(one.id, one.kind, one.text, one.session, one.binary);
    },

    add(id, kind, body, session, binary) {
      if (isOpen && count < MAX_RESULTS) write(id, kind, body, session, binary);
      else {
        late.push({ id, kind, text: body, session, binary });
        announceLate();
      }
    },

    seal() {
      isOpen = false;
      memory[shared.results] = count;
      memory[shared.binary] = binaryLength;
      announceLate();
      last = text;
      text = "";
      return last;
    },

    askForDrain(isWanted) {
      isDrainWanted = isWanted;
      announceLate();
    },

    lastText: () => last,

    takeBinary() {
      const all = new Uint8Array(binaryLength);
      let at = 0;
      for (const binary of binaries) {
        all.set(binary, at);
        at += binary.length;
      }
      binaries = [];
      return all;
    },

    isFull: () => count >= MAX_RESULTS || text.length + binaryLength > FULL_BYTES,
  };
}
