import { isUtf8 } from "node:buffer";
import { isWireCloseCode, type WireFault } from "./frame.ts";

/** What a Close frame says; `code` is undefined when its payload is empty (which an API reports as 1005). */
export interface CloseStatus {
  readonly code: number | undefined;
  readonly reason: string;
}

/** Reads an unmasked Close payload (RFC 6455 section 5.5.1). */
export function parseClosePayload(payload: Buffer): { status: CloseStatus } | { fault: WireFault } {
  if (payload.length === 0) return { status: { code: undefined, reason: "" } };
  if (payload.length === 1) return { fault: { code: 1002, reason: "close payload of one byte" } };
  const code = payload.readUInt16BE(0);
  if (!isWireCloseCode(code)) return { fault: { code: 1002, reason: "invalid close code" } };
  const text = payload.subarray(2);
  if (!isUtf8(text)) return { fault: { code: 1007, reason: "close reason is not UTF-8" } };
  return { status: { code, reason: text.toString("utf8") } };
}
