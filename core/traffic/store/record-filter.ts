import { compileTree } from "../filter/compile-filter.ts";
import { MOST_PATTERN_MS } from "../filter/look.ts";
import { asksForFacts, narrowingOf } from "../filter/narrowing.ts";
import { parseFilter } from "../filter/parse-filter.ts";
import { someText } from "../filter/texts.ts";
import type {
  FrameRecord,
  HookRecord,
  RequestRecord,
  SessionFacts,
  TrafficFilter,
  TrafficRecord,
  UpgradeRecord,
} from "../records.ts";
import type { TimeSlice } from "./time-slice.ts";

export interface CompiledFilter {
  /**
   * Whether a record, redacted already, is one of those that are looked for.
   *
   * @param facts of its session, where they are asked for
   * @returns undefined: it takes longer (`fitsLater`)
   * @throws TrafficError `ERR_TRAFFIC_PATTERN` when a pattern takes too long
   */
  fits(record: TrafficRecord, facts?: SessionFacts): boolean | undefined;
  readonly asksForFacts: boolean;
  /** What headers and columns can say of it; all that fit have this. */
  readonly columns: TrafficFilter;
}

/**
 * @param mostPatternMs what its patterns may take in all
 * @throws FilterError for a `filter` that cannot be read
 */
export function compileFilter(
  { filter = "", ...given }: TrafficFilter,
  mostPatternMs = MOST_PATTERN_MS,
): CompiledFilter {
  const tree = parseFilter(filter);
  const hasGiven = compileGiven(given);
  if (tree === undefined) return { fits: hasGiven, asksForFacts: false, columns: given };
  const fitsTree = compileTree(tree, mostPatternMs);
  return {
    fits: (record, facts) => (hasGiven(record) ? fitsTree(record, facts) : false),
    asksForFacts: asksForFacts(tree),
    columns: { ...narrowingOf(tree), ...definedOf(given) },
  };
}

/** Asks again until it is known; before each time others have their turn. */
export async function fitsLater(
  { fits }: Pick<CompiledFilter, "fits">,
  slice: TimeSlice,
  ...asked: Parameters<CompiledFilter["fits"]>
): Promise<boolean> {
  while (true) {
    await slice.rest();
    const answer = fits(...asked);
    if (answer !== undefined) return answer;
  }
}

function definedOf(filter: TrafficFilter): TrafficFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function compileGiven(filter: TrafficFilter): (record: TrafficRecord) => boolean {
  const { kind, session, route, node, origin, opcode, status, policy, outcome, from, to } = filter;
  const text = filter.text?.toLowerCase() ?? "";
  return (record) =>
    (kind === undefined || record.kind === kind) &&
    (session === undefined || record.session === session) &&
    (route === undefined || record.route === route) &&
    (node === undefined || record.node === node) &&
    (from === undefined || record.time >= from) &&
    (to === undefined || record.time <= to) &&
    (origin === undefined || (record.kind === "frame" && record.origin === origin)) &&
    (opcode === undefined || (record.kind === "frame" && record.opcode === opcode)) &&
    (outcome === undefined || (hasOutcome(record) && record.outcome === outcome)) &&
    (status === undefined || (hasStatus(record) && record.status === status)) &&
    (policy === undefined || hadPart(record, policy)) &&
    (text === "" || someText(record, (each) => each.toLowerCase().includes(text)));
}

function hasStatus(record: TrafficRecord): record is UpgradeRecord | RequestRecord {
  return record.kind === "upgrade" || record.kind === "request";
}

function hasOutcome(record: TrafficRecord): record is FrameRecord | HookRecord {
  return record.kind === "frame" || record.kind === "hook";
}

function hadPart(record: TrafficRecord, policy: string): boolean {
  if (record.kind === "close" || record.kind === "hook") return record.policy === policy;
  return record.steps.some((step) => step.policy === policy);
}
