import type { DeflateLimits } from "../../config/index.ts";
import type { DeflateDirection } from "../../wire/deflate.ts";

/** How messages come and leave compressed; the same on both legs, or the gateway inflates or deflates in between. */
export interface PumpDeflate extends DeflateLimits {
  /** What was agreed on with the sender; undefined when messages come uncompressed. */
  readonly from: DeflateDirection | undefined;
  /** What was agreed on with the receiver; undefined when messages must leave uncompressed. */
  readonly to: DeflateDirection | undefined;
}

/** Whether a message is read though no policy wants it: where the legs differ, or the ratio has to be measured. */
export function isReadWithoutPolicies({ from, to, maxRatio }: PumpDeflate, isCompressed: boolean): boolean {
  return isCompressed ? to === undefined || maxRatio > 0 : from === undefined && to !== undefined;
}

/** Whether messages depend on those before them, so that one alone cannot be read. */
export function hasContext({ from }: PumpDeflate): boolean {
  return from !== undefined && !from.noContextTakeover;
}

/** Whether a message that nobody changed may leave in the frames that it came in. */
export function mayLeaveAsItCame(
  { from, to, minBytes }: PumpDeflate,
  isCompressed: boolean,
  size: number,
): boolean {
  if (isCompressed) return to !== undefined;
  // A sender that may compress and did not has its reasons.
  return to === undefined || from !== undefined || size < minBytes;
}
