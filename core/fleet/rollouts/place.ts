import type { SharedMachine, SharedPlace } from "../../rollout/shared-way.ts";
import { isPresent, takesPart } from "./advance.ts";
import type { MachineReport, SharedRecord } from "./record.ts";

/** Where a machine stands, as the record of all has it. */
export function placeIn(record: SharedRecord, node: string): SharedPlace {
  const { round, state, stage, step, share, harm } = record;
  const known = harm ?? { rule: "operator" as const, detail: "" };
  return { round, state, stage, step, share, isTakingPart: takesPart(record, node), harm: known };
}

export function describeMachine(report: MachineReport): SharedMachine {
  return { node: report.node, state: stateOf(report), seenMs: report.ageMs, numbers: report.numbers };
}

function stateOf(report: MachineReport): SharedMachine["state"] {
  if (!isPresent(report)) return "silent";
  if (report.harm !== null) return "taken back";
  return report.isTakingPart ? "taking part" : "waiting";
}
