import {
  type EndedRolloutView,
  type RolloutMachineView,
  type RolloutView,
  rolloutAnswerSchema,
  rolloutsSchema,
} from "../../core/admin/api/rollout-schema.ts";
import { showShare } from "../../core/rollout/health.ts";
import { openAdminClient } from "./admin-client.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { formatAge, printJson, printLine, printTable } from "./print.ts";

export async function showRollouts(policy: string | undefined, flags: AdminFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const answer = await client.get("/rollouts", rolloutsSchema);
  const isMeant = (each: { readonly policy: string }) => policy === undefined || each.policy === policy;
  const rollouts = answer.rollouts.filter(isMeant);
  const ended = answer.ended.filter(isMeant);
  if (flags.json === true) return printJson({ rollouts, ended });
  const now = Date.now();
  if (rollouts.length > 0) printRollouts(rollouts, now);
  for (const each of ended) printLine(wordEnded(each, now));
  if (rollouts.length + ended.length === 0) printLine(NONE);
}

export async function promoteRollout(
  policy: string,
  { to, ...flags }: AdminFlags & { readonly to?: string },
): Promise<void> {
  await tell(policy, { word: "promote", body: to === undefined ? {} : { to } }, flags);
}

export async function steerRollout(
  word: "abort" | "pause" | "resume",
  policy: string,
  flags: AdminFlags,
): Promise<void> {
  await tell(policy, { word }, flags);
}

async function tell(
  policy: string,
  { word, body }: { readonly word: string; readonly body?: object },
  flags: AdminFlags,
): Promise<void> {
  const client = await openAdminClient(flags);
  const path = `/rollouts/${encodeURIComponent(policy)}/${word}`;
  const answer = await client.post(path, rolloutAnswerSchema, body);
  if (flags.json === true) return printJson(answer);
  const { rollout } = answer;
  if (rollout === null) return printLine(`${policy}: the new version is for all sessions.`);
  printRollouts([rollout], Date.now());
}

function printRollouts(rollouts: readonly RolloutView[], now: number): void {
  const hasShadow = rollouts.some(({ shadow }) => shadow.calls > 0);
  const columns = hasShadow ? HEAD.length : HEAD.length - 1;
  printTable(
    HEAD.slice(0, columns),
    rollouts.map((rollout) => rowOf(rollout, now).slice(0, columns)),
  );
  printLine(hasShadow ? `${LEGEND} ${SHADOW_LEGEND}` : LEGEND);
  const machines = rollouts.flatMap(({ policy, fleet }) =>
    (fleet?.machines ?? []).map((machine) => rowOfMachine(policy, machine)),
  );
  if (machines.length > 0) printTable(MACHINES_HEAD, machines);
  for (const { policy, fleet } of rollouts)
    if (fleet?.problem) printLine(`${policy}: nothing is known of the other machines: ${fleet.problem}.`);
}

function rowOfMachine(policy: string, { node, state, seenMs, canary }: RolloutMachineView): string[] {
  const { calls, faults, sessions, closes, p99Ms } = canary;
  const seen = state === "silent" ? `silent for ${Math.round(seenMs / 1000)}s` : state;
  return [policy, node, seen, ...[calls, faults, sessions, closes].map(String), showMs(p99Ms)];
}

function wordEnded({ policy, version, outcome, at, rule, reason }: EndedRolloutView, now: number): string {
  const when = `${formatAge(at, now)} ago`;
  switch (outcome) {
    case "finished":
      return `${policy} ${version} finished ${when}: it is for all sessions.`;
    case "given up":
      return `${policy} ${version} was given up ${when}: another version, or none, was wanted.`;
    case "taken back":
      return `${policy} ${version} was taken back ${when} (${rule}): ${reason}.`;
  }
}

const NONE = "No version is on its way, and none has been since the gateway's start.";
const LEGEND =
  "CALLS, FAULTS, CLOSES, P99: of the new version/of the one before. FOR: how long it is at this step.";
const SHADOW_LEGEND = "SHADOW: calls on which it said otherwise/calls compared.";
const MACHINES_HEAD = ["POLICY", "MACHINE", "STATE", "CALLS", "FAULTS", "SESSIONS", "CLOSES", "P99"];
/** The last one only where there is anything to show. */
const HEAD = [
  "POLICY",
  "VERSION",
  "BEFORE",
  "STATE",
  "SHARE",
  "STEP",
  "FOR",
  "CALLS",
  "FAULTS",
  "CLOSES",
  "P99",
  "SHADOW",
];

function rowOf(rollout: RolloutView, now: number): string[] {
  const { policy, version, stable, state, share, step, steps, at, canary, before, shadow, fleet } = rollout;
  return [
    policy,
    version,
    stable,
    state,
    fleet?.machines.length ? `${showShare(share)} on ${wordMachines(fleet.machines)}` : showShare(share),
    steps.length === 0 ? `${step}` : `${step}/${steps.length}`,
    state === "taken back" ? "" : formatAge(at, now),
    `${canary.calls}/${before.calls}`,
    `${canary.faults}/${before.faults}`,
    `${canary.closes}/${before.closes}`,
    `${showMs(canary.p99Ms)}/${showMs(before.p99Ms)}`,
    shadow.calls === 0 ? "-" : `${shadow.differs}/${shadow.calls}`,
  ];
}

function wordMachines(machines: readonly RolloutMachineView[]): string {
  return `${machines.filter(({ state }) => state === "taking part").length}/${machines.length}`;
}

function showMs(ms: number | null): string {
  return ms === null ? "-" : `${Number(ms.toPrecision(2))}ms`;
}
