import type { PayloadView } from "../../core/traffic/records.ts";
import { toBytes } from "./payload-bytes.ts";

/** What a Close frame says, RFC 6455 section 5.5.1; undefined: no code is in what was kept of it. */
export function readCloseFrame(
  payload: Pick<PayloadView, "encoding" | "data">,
): { readonly code: number; readonly reason: string } | undefined {
  const [high, low, ...reason] = toBytes(payload);
  if (high === undefined || low === undefined) return undefined;
  return { code: high * 256 + low, reason: new TextDecoder().decode(Uint8Array.from(reason)) };
}
