import type { Dialled } from "./dial.ts";
import { headerValue } from "./response-head.ts";

/** More of a server's refusal than this is cut off. */
export const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * Read the body of a server's answer that is not a 101, and close the connection.
 *
 * @returns what came within `timeoutMs` and `MAX_REFUSAL_BYTES`, transfer coding removed
 */
export function readRefusalBody(dialled: Dialled, timeoutMs: number): Promise<Buffer> {
  const { socket, head } = dialled;
  const isChunked = /\bchunked\b/i.test(headerValue(head, "transfer-encoding") ?? "");
  const length = headerValue(head, "content-length") ?? "";
  // A transfer coding goes before the length (RFC 9112 section 6.3).
  const announced = !isChunked && /^\d+$/.test(length) ? Number(length) : MAX_REFUSAL_BYTES;
  const wanted = Math.min(announced, MAX_REFUSAL_BYTES);
  const hasBody = head.status !== 204 && head.status !== 304;

  return new Promise((resolve) => {
    let received = dialled.rest;
    const timer = setTimeout(finish, timeoutMs);
    socket.on("data", onData);
    socket.on("end", finish);
    socket.on("error", finish);
    socket.on("close", finish);
    if (isComplete()) finish();
    else socket.resume();

    function onData(chunk: Buffer): void {
      received = Buffer.concat([received, chunk]);
      if (isComplete()) finish();
    }

    function isComplete(): boolean {
      if (!hasBody) return true;
      if (isChunked) return received.length > MAX_REFUSAL_BYTES * 2 || decodeChunks(received).isComplete;
      return received.length >= wanted;
    }

    function finish(): void {
      clearTimeout(timer);
      socket.off("data", onData);
      socket.destroy();
      const body = isChunked ? decodeChunks(received).body : received;
      resolve(hasBody ? body.subarray(0, wanted) : Buffer.alloc(0));
    }
  });
}

/** As much of a chunked body (RFC 9112 section 7.1) as is there. */
export function decodeChunks(bytes: Buffer): { body: Buffer; isComplete: boolean } {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", offset);
    if (lineEnd === -1) return { body: Buffer.concat(parts), isComplete: false };
    const [, digits] =
      /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(bytes.toString("latin1", offset, lineEnd)) ?? [];
    // Broken coding ends the body: what was right so far is what the client gets.
    if (digits === undefined) return { body: Buffer.concat(parts), isComplete: true };
    const size = Number.parseInt(digits, 16);
    if (size === 0) return { body: Buffer.concat(parts), isComplete: true };
    const start = lineEnd + 2;
    parts.push(bytes.subarray(start, start + size));
    if (start + size + 2 > bytes.length) return { body: Buffer.concat(parts), isComplete: false };
    offset = start + size + 2;
  }
}
