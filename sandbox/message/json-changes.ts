import { JsonMembers } from "./json-members.ts";

/** What becomes of one member: a place in the text of the edit. */
export interface JsonChange {
  /** Behind the quote and the sign. */
  readonly nameStart: number;
  readonly valueStart: number;
  /** `valueStart`: the member is removed. */
  readonly end: number;
  /** The message has had the member. */
  isDone: boolean;
}

/** What the text of an edit says (`wire/verdicts.ts`), for one message after another. Values are not looked into: they are JSON. */
export class JsonChanges {
  readonly text: Buffer;
  readonly #byName = new Map<string, JsonChange>();
  /** A bit for the length of each name: by these most members of a message are passed over without making a string. */
  #lengths = 0;

  private constructor(text: Buffer) {
    this.text = text;
  }

  /** @returns undefined when the text is not that of an edit */
  static read(text: Buffer): JsonChanges | undefined {
    const changes = new JsonChanges(text);
    const members = new JsonMembers();
    members.open(text, 0, text.length);
    while (members.next()) if (!changes.#add(members)) return undefined;
    return members.isWhole ? changes : undefined;
  }

  #add({ keyStart, keyEnd, isKeyEscaped, valueStart, valueEnd }: JsonMembers): boolean {
    const sign = this.text[keyStart];
    if (sign !== PLUS && sign !== MINUS) return false;
    const nameStart = keyStart + 1;
    const name = readName(this.text, nameStart, keyEnd, isKeyEscaped);
    if (this.#byName.has(name)) return false;
    const end = sign === PLUS ? valueEnd : valueStart;
    this.#byName.set(name, { nameStart, valueStart, end, isDone: false });
    this.#lengths |= bitOf(isKeyEscaped ? Buffer.byteLength(name) : keyEnd - nameStart);
    return true;
  }

  /** Another message begins. */
  start(): void {
    for (const change of this.#byName.values()) change.isDone = false;
  }

  /** Of the member of the message that the walk is at. */
  find(message: Buffer, { keyStart, keyEnd, isKeyEscaped }: JsonMembers): JsonChange | undefined {
    if (!isKeyEscaped && (this.#lengths & bitOf(keyEnd - keyStart)) === 0) return undefined;
    return this.#byName.get(readName(message, keyStart, keyEnd, isKeyEscaped));
  }

  all(): Iterable<JsonChange> {
    return this.#byName.values();
  }
}

const PLUS = 0x2b;
const MINUS = 0x2d;

function bitOf(length: number): number {
  return 1 << (length & 31);
}

function readName(bytes: Buffer, start: number, end: number, isEscaped: boolean): string {
  const text = bytes.toString("utf8", start, end);
  return isEscaped ? JSON.parse(`"${text}"`) : text;
}
