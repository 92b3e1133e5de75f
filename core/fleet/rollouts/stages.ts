import type { MachineShare, RolloutConfig } from "../../config/index.ts";
import { pointOf } from "../../routes/canary-shares.ts";

/** A step of a fleet. */
export interface Stage {
  /** Undefined: all. */
  readonly machines: MachineShare | undefined;
  /** Position in the steps of sessions. */
  readonly step: number;
  /** Of the sessions of the machines that take part. */
  readonly share: number;
}

/** First it comes to machine after machine, each with the first share of its sessions; then the share grows on all of them. */
export function stagesOf({ steps, machines = [] }: RolloutConfig): readonly Stage[] {
  const first = { step: 0, share: steps[0] ?? 1 };
  const byMachines = machines.map((each) => ({ ...first, machines: isAll(each) ? undefined : each }));
  const bySessions = steps.map((share, step) => ({ machines: undefined, step, share }));
  return [...byMachines, ...bySessions.slice(machines.length > 0 ? 1 : 0)];
}

function isAll(machines: MachineShare): boolean {
  return "share" in machines && machines.share >= 1;
}

export interface MachineChoice {
  readonly policy: string;
  readonly version: string;
  readonly wanted: MachineShare;
  /** Those that take part. */
  readonly chosen: readonly string[];
  /** Those that have the version and are heard of. */
  readonly present: readonly string[];
}

/**
 * Machines are only added: first those whose name, with the version, hashes lowest, so that each version begins elsewhere. One that
 * has gone silent keeps its place, and another one stands in for it.
 */
export function chooseMachines({
  policy,
  version,
  wanted,
  chosen,
  present,
}: MachineChoice): readonly string[] {
  const count = "count" in wanted ? wanted.count : Math.ceil(wanted.share * present.length);
  const missing = count - chosen.filter((node) => present.includes(node)).length;
  if (missing <= 0) return chosen;
  const rest = present
    .filter((node) => !chosen.includes(node))
    .sort((a, b) => pointOf(policy, version, a) - pointOf(policy, version, b));
  return rest.length === 0 ? chosen : [...chosen, ...rest.slice(0, missing)];
}
