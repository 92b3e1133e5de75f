import { isDeepStrictEqual } from "node:util";
import type { Payload } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import { holdsSame, viewBody } from "../verdicts/body-view.ts";
import { type VerdictView, viewVerdict } from "../verdicts/verdict-view.ts";

/** A body as it was, whatever becomes of its memory. */
interface CopiedBody {
  readonly binary: boolean;
  readonly copy: Buffer;
}

/** What is longer is not shown. */
const MAX_SHOWN_BYTES = 16 * 1024;
const MAX_SHOWN_VERDICT = 64 * 1024;

export function copyPayload({ binary, bytes }: Payload): Payload {
  return { binary, bytes: Buffer.from(bytes) };
}

/** What a verdict changes, in memory of its own. @param payload what the hook was called with, a copy */
export function copyVerdict(outcome: Outcome, payload: Payload): VerdictView {
  const own = toBuffer(payload.bytes);
  return viewVerdict(outcome, payload, ({ binary, bytes }): CopiedBody => {
    return { binary, copy: bytes === payload.bytes ? own : Buffer.from(bytes) };
  });
}

/** What a verdict holds of memory, about. */
export function sizeOf(outcome: Outcome): number {
  if (outcome.kind !== "message") return 0;
  const { body, reply, append } = outcome;
  return [body, ...reply, ...append].reduce((sum, each) => sum + (each?.bytes.length ?? 0), 0);
}

/**
 * Which parts of two verdicts on `payload` are not the same. A fault is nothing but that; that both failed is the same, in
 * whatever words. In what form what nobody looked at leaves is the isolate's choice and not the policy's.
 */
export function differingParts(one: VerdictView, other: VerdictView, payload: Payload): string[] {
  if ("fault" in one || "fault" in other) return "fault" in one && "fault" in other ? [] : ["fault"];
  const parts = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...parts].filter((part) => !isSame(part, one, other, payload)).sort();
}

function isSame(part: string, one: VerdictView, other: VerdictView, payload: Payload): boolean {
  if (isDeepStrictEqual(one[part], other[part])) return true;
  return part === "message" && holdsSame(messageOf(one, payload), messageOf(other, payload));
}

/** What leaves: of a message that is not changed what came. */
function messageOf({ message }: VerdictView, payload: Payload): Payload {
  const body = message as CopiedBody | undefined;
  return body === undefined ? payload : { binary: body.binary, bytes: body.copy };
}

/** As plain JSON, for people. */
export function showVerdict(verdict: VerdictView): VerdictView {
  const shown = show(verdict) as VerdictView;
  const { length } = JSON.stringify(shown);
  return length > MAX_SHOWN_VERDICT ? { omitted: `${length} characters` } : shown;
}

export function showPayload(payload: Payload): unknown {
  const { length } = payload.bytes;
  return length > MAX_SHOWN_BYTES ? { omitted: `${length} bytes` } : viewBody(payload);
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function show(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(show);
  if (typeof value !== "object" || value === null) return value;
  if (isCopiedBody(value)) return showPayload({ binary: value.binary, bytes: value.copy });
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, show(member)]));
}

function isCopiedBody(value: object): value is CopiedBody {
  return "copy" in value && Buffer.isBuffer(value.copy);
}
