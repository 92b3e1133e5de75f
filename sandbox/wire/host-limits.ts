import { FRAME_KIND, type FrameLimit } from "./frames.ts";
import { MAX_BODIES_SHARE } from "./verdicts.ts";

const MIB = 1024 * 1024;
/** Beside the bodies: what many small results take, which leave together, in three bytes for each character. */
const RESULTS_BYTES = 16 * MIB;
/** Lines of one entry, what a policy exports, or what it asks for with all that is on its way, so written. */
const CONTROL_BYTES = 16 * MIB;
const ASK_BYTES = 49 * MIB;
/** What debuggers are told: scripts with their maps, and profiles. Development only. */
const INSPECTED_BYTES = 256 * MIB;

/**
 * How long frames may be that a host sends: what its own code can come to at most, for the worker sets aside what a frame
 * says that it is long.
 *
 * @param maxResultBytes Of one body. In JSON, characters that have to be escaped may make a verdict twice as long.
 */
export function hostFrameLimit(maxResultBytes: number, isInspected: boolean): FrameLimit {
  const results = RESULTS_BYTES + 2 * MAX_BODIES_SHARE * maxResultBytes;
  return (kind) => {
    if (kind === FRAME_KIND.results) return results;
    if (kind === FRAME_KIND.asks) return ASK_BYTES;
    if (kind === FRAME_KIND.control) return isInspected ? INSPECTED_BYTES : CONTROL_BYTES;
    return 0;
  };
}
