import type { Payload } from "../../contract/hooks.ts";
import type { HookCall } from "../../contract.ts";
import { JsonChanges } from "../../message/json-changes.ts";
import { editJson } from "../../message/json-edit.ts";
import { wrong } from "../../wire/shapes.ts";

/** The message is none that can be changed so: nobody could say that before it was tried. Worded for the author. */
export class EditRefused extends Error {}

/** The call whose message it is. */
export type Edited = Pick<HookCall, "payload" | "allocate">;

/**
 * What a message becomes by the text of an edit; the message itself when nothing of it changes.
 *
 * @throws HostNonsense, EditRefused
 */
export function editMessage({ payload: message, allocate }: Edited, text: Buffer, maxBytes: number): Payload {
  if (message.binary) throw wrong("an edited message", "text", undefined);
  if (text.length > maxBytes) throw wrong("an edit", `at most ${maxBytes} bytes`, text.length);
  const changes = readChanges(text);
  if (changes === undefined) throw wrong("an edit", "an object of signed names", undefined);
  const bytes = bufferOf(message.bytes);
  const edited = editJson(bytes, changes, allocate);
  if (edited === undefined)
    throw new EditRefused(
      "expected the message to be a JSON object, whose members `content.set` and `content.remove` change; it is none",
    );
  if (edited.length > maxBytes)
    throw new EditRefused(
      `expected the message to be at most ${maxBytes} bytes (\`maxMessageSize\`) with what \`content.set\` makes of it, got ${edited.length}`,
    );
  return edited === bytes ? message : { binary: false, bytes: edited };
}

/** Of the edit before: the next message is most often to have the same members. */
let last: JsonChanges | undefined;
/** Of its text. What is longer is seldom said twice, and would be kept for nothing. */
const MOST_KEPT = 1024;

function readChanges(text: Buffer): JsonChanges | undefined {
  if (last?.text.equals(text)) return last;
  if (text.length > MOST_KEPT) return JsonChanges.read(text);
  // Of its own: where it lies now the next frame will be.
  const changes = JsonChanges.read(Buffer.from(text));
  if (changes !== undefined) last = changes;
  return changes;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
