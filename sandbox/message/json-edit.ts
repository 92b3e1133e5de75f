import type { JsonChange, JsonChanges } from "./json-changes.ts";
import { JsonMembers } from "./json-members.ts";

/**
 * Changes members of a JSON object in one scan; all else stays as it is, to the byte:
 *
 *   {"user": "eve", "internal": 1, "n": 1e2}     set user and via, remove internal
 *   {"user": "ada", "n": 1e2,"via":"gate"}
 *
 * A member that is set has its new value where it stands, or comes behind all others. One that is removed goes with the
 * comma before it, the first with that behind it. Of a name that is there more than once one member is set where the
 * first stands, and the others are removed: whoever reads the result, by whatever rule for such names, reads what was set.
 *
 * @param allocate memory for a copy
 * @returns `message` itself when nothing changes, undefined when it is no JSON object
 */
export function editJson(
  message: Buffer,
  changes: JsonChanges,
  allocate: (size: number) => Buffer = Buffer.allocUnsafe,
): Buffer | undefined {
  const members = new JsonMembers();
  if (!members.open(message, 0, message.length)) return undefined;
  changes.start();
  const copy = new EditedCopy(message, changes.text, allocate);
  let isFirst = true;
  /** Where the members begin that are removed, as long as none stays. */
  let removedFrom = NOWHERE;
  let end = NOWHERE;
  while (members.next()) {
    const change = changes.find(message, members);
    const { valueStart, valueEnd } = members;
    if (change !== undefined && (change.isDone || isRemoval(change))) {
      if (!isFirst) copy.skip(end, valueEnd);
      else if (removedFrom === NOWHERE) removedFrom = members.keyStart - 1;
    } else {
      if (removedFrom !== NOWHERE) copy.skip(removedFrom, members.keyStart - 1);
      removedFrom = NOWHERE;
      isFirst = false;
      if (change !== undefined) copy.replace(valueStart, valueEnd, change);
    }
    if (change !== undefined) change.isDone = true;
    end = valueEnd;
  }
  if (!members.isWhole) return undefined;
  if (end === NOWHERE) end = message.indexOf(BRACE_OPEN) + 1;
  if (removedFrom !== NOWHERE) copy.skip(removedFrom, end);
  for (const change of changes.all()) {
    if (change.isDone || isRemoval(change)) continue;
    copy.insert(end, change, isFirst);
    isFirst = false;
  }
  return copy.end();
}

function isRemoval({ valueStart, end }: JsonChange): boolean {
  return end === valueStart;
}

/** The message up to where it has been read, changed. Made when the first change comes. */
class EditedCopy {
  readonly #message: Buffer;
  readonly #text: Buffer;
  readonly #allocate: (size: number) => Buffer;
  #copy: Buffer | undefined;
  #read = 0;
  #written = 0;

  constructor(message: Buffer, text: Buffer, allocate: (size: number) => Buffer) {
    this.#message = message;
    this.#text = text;
    this.#allocate = allocate;
  }

  skip(from: number, to: number): void {
    this.#copyTo(from);
    this.#read = to;
  }

  replace(from: number, to: number, { valueStart, end }: JsonChange): void {
    const copy = this.#copyTo(from);
    this.#written += this.#text.copy(copy, this.#written, valueStart, end);
    this.#read = to;
  }

  insert(at: number, { nameStart, end }: JsonChange, isFirst: boolean): void {
    const copy = this.#copyTo(at);
    if (!isFirst) copy[this.#written++] = COMMA;
    copy[this.#written++] = QUOTE;
    this.#written += this.#text.copy(copy, this.#written, nameStart, end);
  }

  end(): Buffer {
    if (this.#copy === undefined) return this.#message;
    return this.#copyTo(this.#message.length).subarray(0, this.#written);
  }

  #copyTo(place: number): Buffer {
    // Of the text come values, or members with a comma in place of the sign: never more than it has.
    this.#copy ??= this.#allocate(this.#message.length + this.#text.length);
    // Between members that go there is nothing, many times over.
    if (place > this.#read) this.#written += this.#message.copy(this.#copy, this.#written, this.#read, place);
    this.#read = place;
    return this.#copy;
  }
}

const NOWHERE = -1;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACE_OPEN = 0x7b;
