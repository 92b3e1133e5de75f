import { MAX_RESULTS, NO_SESSION, type ResultKind, type ResultRecord } from "../../wire/result-record.ts";
import type { SharedMemory } from "../../wire/shared-memory.ts";

/** What became of a call, as it crosses to the host. */
export interface EncodedResult {
  kind: ResultKind;
  text: string;
  binary: Uint8Array | undefined;
}

/**
 * Results on their way to the host. While an entry runs they are written to the shared memory, and their texts to one
 * string, which the entry returns. What settles later, when the host is about to read that memory, waits here for the
 * next entry.
 */
export interface ResultBox {
  open(): void;
  /** @param result Copied: the caller may write over it. */
  add(id: number, result: Readonly<EncodedResult>, session: string | undefined): void;
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

interface LateResult extends EncodedResult {
  readonly id: number;
  readonly session: string | undefined;
}

/** Of one entry, in characters and bytes: one result may be larger, two together are not. */
const FULL_BYTES = 4 * 1024 * 1024;

export function createResultBox(memory: SharedMemory): ResultBox {
  /** Written over for each. */
  const record: ResultRecord = { id: 0, kind: 0, textLength: 0, sessionLength: 0, binaryLength: 0 };
  let isOpen = false;
  let count = 0;
  let text = "";
  let last = "";
  let binaries: Uint8Array[] = [];
  let binaryBytes = 0;
  let late: LateResult[] = [];
  let isDrainWanted = false;

  function announceLate(): void {
    memory.late = late.length + (isDrainWanted ? 1 : 0);
  }

  function write(id: number, { kind, text: body, binary }: EncodedResult, session: string | undefined): void {
    record.id = id;
    record.kind = kind;
    record.textLength = body.length;
    record.sessionLength = session === undefined ? NO_SESSION : session.length;
    record.binaryLength = binary === undefined ? 0 : binary.length;
    memory.results.write(count++, record);
    if (body !== "") text += body;
    if (session !== undefined) text += session;
    if (binary !== undefined && binary.length > 0) {
      binaries.push(binary);
      binaryBytes += binary.length;
    }
  }

  /** Results of one seat must not overtake each other: the last one's session is what counts. */
  function hasRoom({ text: body, binary }: Readonly<EncodedResult>, session = ""): boolean {
    if (!isOpen || count >= MAX_RESULTS || late.length > 0) return false;
    const size = body.length + session.length + (binary?.length ?? 0);
    return count === 0 || text.length + binaryBytes + size <= FULL_BYTES;
  }

  return {
    open() {
      isOpen = true;
      count = 0;
      text = "";
      binaries = [];
      binaryBytes = 0;
      const waiting = late;
      late = [];
      for (const one of waiting) this.add(one.id, one, one.session);
    },

    add(id, result, session) {
      if (hasRoom(result, session)) write(id, result, session);
      else {
        const { kind, text, binary } = result;
        late.push({ id, kind, text, session, binary });
        announceLate();
      }
    },

    seal() {
      isOpen = false;
      memory.resultCount = count;
      memory.binaryBytes = binaryBytes;
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
      const all = new Uint8Array(binaryBytes);
      let at = 0;
      for (const binary of binaries) {
        all.set(binary, at);
        at += binary.length;
      }
      binaries = [];
      return all;
    },

    isFull: () => count >= MAX_RESULTS || late.length > 0 || text.length + binaryBytes > FULL_BYTES,
  };
}
