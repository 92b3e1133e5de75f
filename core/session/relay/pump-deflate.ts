import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { DeflateLimits } from "../../config/index.ts";
import { type DeflateDirection, type LegDeflate, MAX_INFLATION } from "../../wire/deflate.ts";
import { otherSide } from "../lifecycle.ts";

/** How messages come and leave compressed; the same on both legs, or the gateway inflates or deflates in between. */
export interface PumpDeflate extends DeflateLimits {
  /** What was agreed on with the sender; undefined when messages come uncompressed. */
  readonly from: DeflateDirection | undefined;
  /** What was agreed on with the receiver; undefined when messages must leave uncompressed. */
  readonly to: DeflateDirection | undefined;
}

/** Whether a message is read though no policy wants it: where the legs differ, or the ratio has to be measured. */
export function isReadWithoutPolicies(deflate: PumpDeflate, isCompressed: boolean): boolean {
  const { from, to, maxRatio } = deflate;
  if (!isCompressed) return from === undefined && to !== undefined;
  return to === undefined || maxRatio > 0 || isContextEndedHere(deflate);
}

/** Messages come that refer to earlier ones, and leave such that each stands alone. */
export function isContextEndedHere({ from, to }: PumpDeflate): boolean {
  return from?.noContextTakeover === false && to?.noContextTakeover !== false;
}

/** Messages may refer to earlier ones on both legs: what one peer sent and the other got has to be the same to the end. */
export function isContextShared({ from, to }: PumpDeflate): boolean {
  return from?.noContextTakeover === false && to?.noContextTakeover === false;
}

/** Whether the messages of a side can be read one by one. @param deflate by leg, what was agreed on there */
export function isReadable(
  deflate: { readonly client?: LegDeflate; readonly server?: LegDeflate },
  origin: Side,
): boolean {
  const from = deflate[origin]?.[origin];
  const to = deflate[otherSide(origin)]?.[origin];
  return !isContextShared({ from, to, minBytes: 0, maxRatio: 0 });
}

/**
 * The largest compressed frame whose message is within the limit in any case, if it is the only one; without a limit no
 * message has to be measured.
 */
export function largestUnweighed(maxMessageBytes: number): number {
  return Math.floor(maxMessageBytes / MAX_INFLATION);
}

/** How a message came. */
export interface Arrival {
  readonly isCompressed: boolean;
  /** It refers to no message before it. */
  readonly standsAlone: boolean;
}

/** Whether a message that nobody changed may leave in the frames that it came in. */
export function mayLeaveAsItCame(
  { from, to, minBytes }: PumpDeflate,
  { isCompressed, standsAlone }: Arrival,
  size: number,
): boolean {
  if (isCompressed) return to !== undefined && standsAlone;
  // A sender that may compress and did not has its reasons.
  return to === undefined || from !== undefined || size < minBytes;
}
