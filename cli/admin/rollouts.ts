import {
  type RolloutView,
  rolloutAnswerSchema,
  rolloutsSchema,
} from "../../core/admin/api/rollout-schema.ts";
import { openAdminClient } from "./admin-client.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { formatSpan, printJson, printLine, printTable } from "./print.ts";

export async function showRollouts(policy: string | undefined, flags: AdminFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const answer = await client.get("/rollouts", rolloutsSchema);
  const rollouts = answer.rollouts.filter((each) => policy === undefined || each.policy === policy);
  if (flags.json === true) return printJson({ rollouts });
  if (rollouts.length === 0) return printLine(NONE);
  const now = Date.now();
  printTable(
    HEAD,
    rollouts.map((rollout) => rowOf(rollout, now)),
  );
  for (const { policy, version, rule, reason } of rollouts)
    if (rule !== "") printLine(`${policy} ${version} was taken back (${rule}): ${reason}.`);
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
  printTable(HEAD, [rowOf(rollout, Date.now())]);
}

const NONE = "No version is on its way, and none was taken back.";
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

/** Numbers of the version on its way, and behind a slash those of the one before; as a shadow, on how many of its calls it says otherwise. */
function rowOf(rollout: RolloutView, now: number): string[] {
  const { policy, version, stable, state, share, step, steps, at, canary, before, shadow } = rollout;
  return [
    policy,
    version,
    stable,
    state,
    `${Number((share * 100).toFixed(2))}%`,
    steps.length === 0 ? `${step}` : `${step}/${steps.length}`,
    formatSpan(Math.max(0, now - at)),
    `${canary.calls}/${before.calls}`,
    `${canary.faults}/${before.faults}`,
    `${canary.closes}/${before.closes}`,
    `${showMs(canary.p99Ms)}/${showMs(before.p99Ms)}`,
    shadow.calls === 0 ? "" : `${shadow.differs}/${shadow.calls}`,
  ];
}

function showMs(ms: number | null): string {
  return ms === null ? "-" : `${Number(ms.toPrecision(2))}ms`;
}
