import { sessionsPageSchema } from "../../core/admin/api/api-schema.ts";
import {
  type SteeringAnswer,
  type SteeringJobView,
  type SteeringStarted,
  steeringSchema,
  steeringStartedSchema,
  steeringStoppedSchema,
} from "../../core/admin/api/steering-schema.ts";
import { countOf } from "../../policies/count-of.ts";
import { requireConsent } from "../consent.ts";
import { CliError } from "../errors.ts";
import { type AdminClient, openAdminClient, type SearchValues } from "./admin-client.ts";
import { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { formatAge, printJson, printLine, printTable } from "./print.ts";
import { printSessions } from "./sessions.ts";
import { printUnanswered, requireAnswers } from "./unanswered.ts";

export interface PaceFlags {
  readonly rate?: string;
  readonly over?: string;
  readonly jitter?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

interface SteerFlags extends AdminFlags, FilterFlags, PaceFlags {
  readonly all?: boolean;
}

interface CloseFlags extends SteerFlags {
  readonly code?: number;
  readonly reason?: string;
}

interface MoveFlags extends SteerFlags {
  readonly message?: string;
  readonly hint?: string;
}

export async function closeSessions(flags: CloseFlags): Promise<void> {
  const { code = 1001, reason } = flags;
  await steer("/sessions/close", flags, { fields: { code, reason }, question: `Close with ${code}?` });
}

export async function moveSessions(flags: MoveFlags): Promise<void> {
  const { message, hint } = flags;
  if (message === undefined && hint === undefined)
    throw new CliError("ERR_CLI_USAGE", "Expected --message or --hint: what tells clients to go elsewhere.");
  const question = hint === undefined ? "Send the message?" : "Close with 1012?";
  await steer("/sessions/move", flags, { fields: { message, hint }, question });
}

export async function renewSessions(flags: SteerFlags): Promise<void> {
  await steer("/sessions/renew", flags, { fields: {}, question: "Renew them?" });
}

interface Doing {
  readonly fields: object;
  readonly question: string;
}

/** How many it would be is said, and somebody has to agree, before anything is done. */
async function steer(path: string, flags: SteerFlags, { fields, question }: Doing): Promise<void> {
  const filter = filterOfFlags(flags);
  if (Object.values(filter).every((value) => value === undefined) && flags.all !== true)
    throw new CliError(
      "ERR_CLI_USAGE",
      "Expected an option that says which sessions, or --all, got neither.",
    );
  const client = await openAdminClient(flags);
  const { rate, over, jitter, json = false } = flags;
  const body = { filter, ...(flags.all && { all: true }), rate, over, jitter, ...fields };
  const ask = (dryRun: boolean) => client.post(path, steeringStartedSchema, { ...body, dryRun });
  if (flags.dryRun === true || flags.yes !== true) {
    const dry = await ask(true);
    if (json && flags.dryRun === true) printJson(dry);
    else await showWhich(client, filter, dry);
    if (flags.dryRun === true || dry.sessions === 0) return requireAnswers(dry.unanswered);
    await requireConsent(question, false);
  }
  reportStarted(await ask(false), flags);
}

const SHOWN_OF_DRY_RUN = 5;

/** Numbers alone do not tell that others are meant. */
async function showWhich(client: AdminClient, filter: SearchValues, dry: SteeringStarted): Promise<void> {
  const { sessions: count, which } = dry;
  printLine(`${countOf(count, "session")} ${count === 1 ? "fits" : "fit"} (${which}).`);
  if (count === 0) return printUnanswered(dry.unanswered);
  const query = { ...filter, limit: SHOWN_OF_DRY_RUN };
  const { sessions, total } = await client.get("/sessions", sessionsPageSchema, query);
  printSessions(sessions);
  if (total > sessions.length) printLine(`… and ${total - sessions.length} older ones.`);
  printUnanswered(dry.unanswered);
}

/** @throws CliError `ERR_CLI_UNANSWERED` when sessions may be left that were meant */
export function reportStarted(started: SteeringStarted, flags: AdminFlags): void {
  if (flags.json === true) printJson(started);
  else printStarted(started, flags);
  if (started.job !== null) requireAnswers(started.unanswered);
}

function printStarted({ sessions, job, at, unanswered }: SteeringStarted, flags: AdminFlags): void {
  if (job !== null) printUnanswered(unanswered);
  if (at !== undefined)
    return printLine(
      `It begins at ${new Date(at).toISOString()}: ${countOf(sessions, "session")} now. --end takes it back.`,
    );
  if (job !== null && job.sessions > 0 && job.outcomes["no-hook"] === job.sessions)
    return printLine(
      `Nothing renewed: ${job.sessions === 1 ? "no policy of this session" : `no policy of these ${job.sessions} sessions`} has a \`renew\` hook.`,
    );
  if (job === null || job.state !== "running")
    return printLine(
      `Done: ${countOf(job?.done ?? sessions, "session")}${wordOutcomes(job?.outcomes)}.${wordLeft(unanswered)}`,
    );
  const { gateway, config } = flags;
  const command = [
    "framegate sessions progress",
    ...(gateway === undefined ? [] : [`--gateway ${gateway}`]),
    ...(config === undefined ? [] : [`--config ${config}`]),
  ].join(" ");
  printLine(
    `Begun, as ${job.id}: ${countOf(sessions, "session")}. \`${command}\` says how far it is; --stop ${job.id} ends it.`,
  );
}

export async function showProgress(flags: AdminFlags & { readonly stop?: string }): Promise<void> {
  const client = await openAdminClient(flags);
  if (flags.stop !== undefined) {
    await client.delete(`/steering/${encodeURIComponent(flags.stop)}`, steeringStoppedSchema);
    return printLine("Stopped: the rest of them are left alone.");
  }
  const steering = await client.get("/steering", steeringSchema);
  if (flags.json === true) printJson(steering);
  else printProgress(steering);
  requireAnswers(steering.unanswered);
}

function printProgress(steering: SteeringAnswer): void {
  const now = Date.now();
  if (steering.jobs.length === 0) printLine("Nothing was done to many sessions.");
  else printJobs(steering.jobs, now);
  printUnanswered(steering.unanswered);
}

function printJobs(jobs: readonly SteeringJobView[], now: number): void {
  printTable(
    ["ID", "BEGUN", "WHAT", "WHICH", "STATE", "SESSIONS", "DONE", "LEFT", "AT MOST", "OUTCOMES"],
    jobs.map((job) => rowOf(job, now)),
  );
  for (const { id, unanswered } of jobs)
    if (unanswered.length > 0) printLine(`${id} leaves out ${unanswered.join(", ")}: no answer.`);
}

/** Who closes somebody's sessions must not believe that all are gone. */
function wordLeft({ length }: SteeringStarted["unanswered"]): string {
  if (length === 0) return "";
  return ` Those of ${countOf(length, "node that does", "nodes that do")} not answer are as they were, and may be open.`;
}

function wordOutcomes(outcomes: SteeringJobView["outcomes"] = {}): string {
  const words = listOutcomes(outcomes);
  return words === "" ? "" : ` (${words})`;
}

function listOutcomes(outcomes: SteeringJobView["outcomes"]): string {
  return Object.entries(outcomes)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");
}

function rowOf(job: SteeringJobView, now: number): string[] {
  const { id, startedAt, what, which, state, sessions, done, left, perSecond, outcomes } = job;
  const pace = perSecond === 0 ? "" : `${Math.round(perSecond * 100) / 100}/s`;
  const begun = `${formatAge(startedAt, now)} ago`;
  const counts = [sessions, done, left].map(String);
  return [id, begun, what, which, state, ...counts, pace, listOutcomes(outcomes)];
}
