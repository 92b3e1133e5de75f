import type { Payload, Side } from "../../sandbox/contract/hooks.ts";
import type { FrameRecord, PayloadView, SessionFacts } from "../traffic/records.ts";
import { compileFilter } from "../traffic/store/record-filter.ts";
import { OPCODE } from "../wire/frame.ts";
import type { Breakpoint } from "./breakpoint.ts";
import { createMatchWatch } from "./match-watch.ts";

/** A message that is about to leave, as a breakpoint sees it. */
export interface MatchedMessage {
  readonly session: string;
  readonly route: string;
  readonly origin: Side;
  readonly sequence: number;
  /** When it was complete, milliseconds since 1970. */
  readonly time: number;
  /** As it came. */
  readonly original: Payload;
  /** As it is to leave. */
  readonly payload: Payload;
}

export interface CompiledBreakpoint extends Breakpoint {
  readonly asksForFacts: boolean;
  /** Whether messages of this session may match at all. */
  concerns(place: Pick<MatchedMessage, "session" | "route" | "origin">): boolean;
  /** False as well where that cannot be said in the time that there is for it. */
  matches(record: FrameRecord, facts: SessionFacts | undefined): boolean;
  /** Messages for which it could not. */
  readonly slow: number;
}

/** @throws FilterError for a filter that cannot be read */
export function compileBreakpoint(breakpoint: Breakpoint): CompiledBreakpoint {
  const endless = Number.POSITIVE_INFINITY;
  const { fits, asksForFacts, columns } = compileFilter({ filter: breakpoint.filter }, endless);
  const watch = createMatchWatch();
  const asked = [breakpoint, columns];
  return {
    ...breakpoint,
    asksForFacts,
    concerns: (place) =>
      asked.every(
        ({ session, route, origin }) =>
          (session === undefined || session === place.session) &&
          (route === undefined || route === place.route) &&
          (origin === undefined || origin === place.origin),
      ),
    matches: (record, facts) => watch.matches(() => fits(record, facts)),
    get slow() {
      return watch.slow;
    },
  };
}

/** As a record of it would be, but that nothing is hidden: to match filters, and for nothing else. */
export function recordOfMessage(message: MatchedMessage): FrameRecord {
  const { session, route, origin, sequence, time, original, payload } = message;
  const isReplaced = payload !== original;
  return {
    kind: "frame",
    ...{ seq: 0, time, session, route, origin, sequence },
    ...{ opcode: original.binary ? OPCODE.binary : OPCODE.text, fin: true, frames: 1 },
    ...{ isCompressed: false, maskKey: null, length: original.bytes.length, durationMs: 0 },
    ...{ writeMs: null, unsentBytes: 0 },
    outcome: isReplaced ? "replaced" : "passed",
    payload: view(original),
    after: isReplaced ? view(payload) : null,
    ...{ steps: [], replies: [], appended: [] },
  };
}

/** A filter looks at so much of a payload. */
const MOST_LOOKED_AT = 8 * 1024;

function view({ binary, bytes }: Payload): PayloadView {
  const { length } = bytes;
  const looked = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(length, MOST_LOOKED_AT));
  const encoding = binary ? "base64" : "text";
  const data = looked.toString(binary ? "base64" : "utf8");
  return { encoding, data, length, isCut: length > looked.length, redactions: 0 };
}
