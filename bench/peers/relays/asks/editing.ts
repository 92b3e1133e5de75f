import { JsonChanges } from "../../../../sandbox/message/json-changes.ts";
import { editJson } from "../../../../sandbox/message/json-edit.ts";
import type { TextOf } from "./answering.ts";
import { memoryOf, type Place } from "./memory.ts";

/** Sets members in the bytes of a message. What that gives is there until the next one. */
export function createEditing(): TextOf {
  let lastText: Buffer = Buffer.alloc(0);
  let changes: JsonChanges | undefined;
  let edited = memoryOf(Buffer.alloc(0));

  function allocate(size: number): Buffer {
    if (edited.bytes.length !== size) edited = memoryOf(Buffer.allocUnsafeSlow(size));
    return edited.bytes;
  }

  return (answer, message) => {
    const text = bytesAt(answer);
    if (!text.equals(lastText)) {
      lastText = Buffer.from(text);
      changes = JsonChanges.read(lastText);
    }
    if (changes === undefined) throw new Error("an edit that is none");
    const changed = editJson(bytesAt(message), changes, allocate);
    if (changed?.buffer !== edited.bytes.buffer)
      throw new Error("a message that is no JSON object, or is not changed");
    return { memory: edited, from: 0, to: changed.length };
  };
}

function bytesAt({ memory, from, to }: Place): Buffer {
  return memory.bytes.subarray(from, to);
}
