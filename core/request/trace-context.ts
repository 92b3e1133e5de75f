import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { SpanContext } from "../events.ts";

/** What a `traceparent` says (W3C Trace Context, section 3.2). */
export interface TraceParent {
  readonly traceId: string;
  readonly parentId: string;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const SAMPLED_FLAG = 0x01;

/** @returns undefined for one that is to be ignored */
export function parseTraceparent(value: string): TraceParent | undefined {
  const [, version, traceId, parentId, flags, rest] = TRACEPARENT.exec(value) ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) {
    return undefined;
  }
  // Section 3.2.4: a version that we do not know may have more to say at its end, ours has not.
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & SAMPLED_FLAG) !== 0 };
}

export function formatTraceparent({ traceId, spanId, isSampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/**
 * The gateway's span within the trace of the request, or at the root of a new one.
 *
 * @param sample the share of new traces that are sampled; for others their own word holds
 */
export function beginSpan(headers: IncomingMessage["headersDistinct"], sample: number): SpanContext {
  const spanId = newId(8);
  const [value, ...others] = headers.traceparent ?? [];
  const parent = value === undefined || others.length > 0 ? undefined : parseTraceparent(value.trim());
  if (parent !== undefined) return { ...parent, spanId };
  return { traceId: newId(16), spanId, parentId: "", isSampled: Math.random() < sample };
}

/** Fields of the request that the span replaces: `tracestate` means nothing without its `traceparent`. */
export function replacedFields({ parentId }: SpanContext): readonly string[] {
  return parentId === "" ? ["traceparent", "tracestate"] : ["traceparent"];
}

/** Random hex digits, never all of them 0: that would stand for none. */
export function newId(bytes: number): string {
  const id = randomBytes(bytes);
  id[0] ||= 1;
  return id.toString("hex");
}
