import type { Measured } from "./run.ts";

/** What garbage collection leaves to chance, of heap and of memory outside of it; for a session it is the more exact the more there are. */
const HEAP_SLACK = 1.5 * 2 ** 20;
const HOST_SLACK = 24 * 2 ** 20;
/** Of what is counted: a connection that is kept for health checks, a timer that is just due. */
const COUNT_SLACK = 8;

const SLACK = {
  heapBytes: HEAP_SLACK,
  externalBytes: HEAP_SLACK,
  sockets: COUNT_SLACK,
  promises: COUNT_SLACK,
  handles: COUNT_SLACK,
  descriptors: COUNT_SLACK,
  isolatesReplaced: 0,
  hostBytes: HOST_SLACK,
  hostDescriptors: COUNT_SLACK,
} satisfies Partial<Record<keyof Measured, number>>;

/** What there is more of at the end than there was at first. Empty: nothing. */
export function findGrowth(measured: readonly Measured[]): readonly string[] {
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) return [];
  return (Object.keys(SLACK) as (keyof typeof SLACK)[])
    .filter((name) => last[name] - first[name] > SLACK[name])
    .map(
      (name) =>
        `${name}: ${first[name]} after ${first.sessions} sessions, ${last[name]} after ${last.sessions}`,
    );
}
