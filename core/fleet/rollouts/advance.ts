import type { RolloutConfig } from "../../config/index.ts";
import { findHarm, type Harm, type Numbers } from "../../rollout/health.ts";
import { addShadows, addTallies } from "../../workers/tallies.ts";
import { NODE_LEASE_MS } from "../roll.ts";
import type { MachineReport, SharedRecord } from "./record.ts";
import { chooseMachines, type Stage, stagesOf } from "./stages.ts";

/**
 * How all machines of a fleet go the way of one version; any of them may say what follows, and who comes second with it is not heard:
 *
 *   (none) ──▶ on its way, at a stage ──▶ at the next ──▶ … ──▶ finished
 *                 │  ▲          ▲ └─ `every` and `minCalls` of all, all have come to the stage, and no harm
 *           pause │  │ resume   │ promote: a new round
 *                 ▼  │          │
 *                paused ──▶ taken back
 *                     harm to all together or to one, or an operator anywhere
 *
 * Times are those of Redis.
 */
export type SharedEvent =
  | { readonly type: "reports"; readonly reports: readonly MachineReport[] }
  | { readonly type: "harm"; readonly harm: Harm }
  /** @param to the share; absent: the next stage */
  | { readonly type: "promote"; readonly to?: number | undefined }
  | { readonly type: "pause" | "resume" };

export interface SharedContext {
  readonly policy: string;
  readonly version: string;
  readonly config: RolloutConfig;
  readonly now: number;
}

/** So that those that get a version at about the same time are all there when the first are chosen. */
const GATHER_MS = 1_000;

export function openRecord(context: SharedContext): SharedRecord {
  const start: SharedRecord = {
    ...{ revision: 1, round: 1, stage: 0, step: 0, share: 0, machines: [], harm: null },
    state: "on its way",
    since: context.now,
  };
  return { ...start, ...placeAt(start, 0, context) };
}

/** @returns the same one when nothing follows */
export function advanceShared(
  record: SharedRecord,
  event: SharedEvent,
  context: SharedContext,
): SharedRecord {
  const next = decide(record, event, context);
  return next === record ? record : { ...next, revision: record.revision + 1 };
}

function decide(record: SharedRecord, event: SharedEvent, context: SharedContext): SharedRecord {
  const isGoing = record.state === "on its way" || record.state === "paused";
  switch (event.type) {
    case "reports":
      return isGoing ? judge(record, event.reports, context) : record;
    case "harm":
      return isGoing ? takeBack(record, event.harm) : record;
    case "promote":
      if (record.state === "taken back") return begin(record, event.to, context);
      return isGoing ? promote(record, event.to, context) : record;
    case "pause":
      return record.state === "on its way" ? { ...record, state: "paused" } : record;
    case "resume":
      return record.state === "paused" ? { ...record, state: "on its way", since: context.now } : record;
  }
}

export function isPresent({ ageMs }: Pick<MachineReport, "ageMs">): boolean {
  return ageMs <= NODE_LEASE_MS;
}

export function takesPart({ machines }: Pick<SharedRecord, "machines">, node: string): boolean {
  return machines === null || machines.includes(node);
}

/** Of those that take part and are heard of; what one has counted at a stage before is not of this one. */
export function sumWay(
  { round, stage }: Pick<SharedRecord, "round" | "stage">,
  reports: readonly MachineReport[],
): Numbers {
  const own = reports.filter((each) => isPresent(each) && each.round === round && each.stage === stage);
  return own.reduce<Numbers>(
    (sum, { numbers: { canary, stable, shadow } }) => ({
      canary: addTallies(sum.canary, canary),
      stable: addTallies(sum.stable, stable),
      shadow: addShadows(sum.shadow, shadow),
    }),
    { canary: NOTHING, stable: NOTHING },
  );
}

const NOTHING = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };

function judge(
  record: SharedRecord,
  reports: readonly MachineReport[],
  context: SharedContext,
): SharedRecord {
  const present = reports.filter(isPresent);
  const offender = present.find(({ round, harm }) => round === record.round && harm !== null);
  if (offender?.harm) return takeBack(record, onMachine(offender.harm, offender.node));
  const numbers = sumWay(record, reports);
  const harm = findHarm(numbers, context.config);
  if (harm !== undefined) return takeBack(record, harm);
  if (record.state === "paused") return record;
  const chosen = chooseAnew(record, present, context);
  if (chosen !== record) return chosen;
  const own = present.filter(({ node }) => takesPart(record, node));
  const haveCome = own.every(
    ({ round, stage, isTakingPart }) => round === record.round && stage === record.stage && isTakingPart,
  );
  const { everyMs, minCalls } = context.config;
  const isDue = context.now - record.since >= everyMs && numbers.canary.calls >= minCalls;
  const next = record.stage + 1;
  if (own.length === 0 || !haveCome || !isDue || stagesOf(context.config)[next] === undefined) return record;
  return goTo(record, next, { context, present });
}

export function onMachine({ rule, detail }: Harm, node: string): Harm {
  return { rule, detail: `${detail} (on ${node})` };
}

function takeBack(record: SharedRecord, { rule, detail }: Harm): SharedRecord {
  return { ...record, state: "taken back", harm: { rule, detail: detail.slice(0, 2_000) } };
}

/** Stands in for machines that have gone silent, and chooses the first. */
function chooseAnew(
  record: SharedRecord,
  present: readonly MachineReport[],
  context: SharedContext,
): SharedRecord {
  const { machines, since } = record;
  const wanted = stagesOf(context.config)[record.stage]?.machines;
  if (machines === null || wanted === undefined) return record;
  if (machines.length === 0 && context.now - since < GATHER_MS) return record;
  const { policy, version } = context;
  const nodes = present.map(({ node }) => node);
  const chosen = chooseMachines({ policy, version, wanted, chosen: machines, present: nodes });
  if (chosen === machines) return record;
  return { ...record, machines: [...chosen], ...(machines.length === 0 && { since: context.now }) };
}

function goTo(
  record: SharedRecord,
  stage: number,
  { context, present }: { readonly context: SharedContext; readonly present: readonly MachineReport[] },
): SharedRecord {
  const moved = { ...record, since: context.now, ...placeAt(record, stage, context) };
  return chooseAnew(moved, present, context);
}

/** A share does not shrink, also where the config says less now. */
function placeAt(record: SharedRecord, stage: number, { config }: SharedContext) {
  const at: Stage = stagesOf(config)[stage] ?? { machines: undefined, step: config.steps.length, share: 1 };
  const share = Math.max(record.share, at.share);
  const machines = at.machines === undefined ? null : record.machines;
  const isForAll = machines === null && share >= 1;
  return { stage, step: at.step, share, machines, ...(isForAll && { state: "finished" as const }) };
}

function promote(record: SharedRecord, to: number | undefined, context: SharedContext): SharedRecord {
  if (to === undefined) return goTo(record, record.stage + 1, { context, present: [] });
  const isLess = record.machines === null ? to <= record.share : to < record.share;
  if (isLess) return record;
  const stage = stagesOf(context.config).findLastIndex(({ machines, share }) => !machines && share <= to);
  const forAll = { ...record, share: to, machines: null };
  return goTo(forAll, Math.max(record.stage, stage), { context, present: [] });
}

function begin(record: SharedRecord, to: number | undefined, context: SharedContext): SharedRecord {
  const anew: SharedRecord = { ...openRecord(context), revision: record.revision, round: record.round + 1 };
  return to === undefined || to <= anew.share ? anew : promote(anew, to, context);
}
