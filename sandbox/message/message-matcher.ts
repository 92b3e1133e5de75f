import type { MessageMatcher } from "../contract.ts";
import type { MessageFilter } from "../policy-api.ts";
import { JsonMatcher } from "./json-matcher.ts";

/**
 * Decides on the bytes of a message whether a hook is for it. All that the filter says has to be true; what can be told
 * without a look at the bytes comes first.
 *
 * @param filter checked by `checkWhen`
 */
export function createMessageMatcher(filter: MessageFilter): MessageMatcher {
  const { opcode, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = filter;
  const start = filter.startsWith === undefined ? undefined : Buffer.from(filter.startsWith);
  const part = filter.includes === undefined ? undefined : Buffer.from(filter.includes);
  const json = filter.json === undefined ? undefined : new JsonMatcher(filter.json);
  const readsBytes = start !== undefined || part !== undefined || json !== undefined;

  function fits(binary: boolean, length: number | undefined): boolean {
    if (opcode !== undefined && binary !== (opcode === "binary")) return false;
    return length === undefined || (length >= minLength && length <= maxLength);
  }

  function says(bytes: Buffer): boolean {
    if (start !== undefined && !startsWith(bytes, start)) return false;
    if (part !== undefined && !bytes.includes(part)) return false;
    return json === undefined || json.matches(bytes);
  }

  return {
    fits,
    matches: ({ binary, bytes }) => fits(binary, bytes.length) && (!readsBytes || says(asBuffer(bytes))),
  };
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0;
}

/** A message is a Buffer wherever it comes from a socket. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
