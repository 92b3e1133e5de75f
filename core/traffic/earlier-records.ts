import type { TrafficRecord } from "./records.ts";

const ANSWER = { serverRequest: null, serverResponse: null, phases: [] };

const UNSAID: Readonly<Partial<Record<TrafficRecord["kind"], object>>> = {
  upgrade: ANSWER,
  request: ANSWER,
  frame: { writeMs: null, unsentBytes: 0 },
};

/** What earlier versions, whose records are read as well, did not say is said: that it is not known. */
export function completeRecord<Kept extends { readonly kind: TrafficRecord["kind"] }>(record: Kept): Kept {
  return { ...UNSAID[record.kind], ...record };
}
