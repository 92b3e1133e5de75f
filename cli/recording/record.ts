import { lstat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type ExportedRecording, exportedRecordingSchema } from "../../core/recording/exported-schema.ts";
import { findFilterProblem } from "../../core/traffic/filter/parse-filter.ts";
import { countOf } from "../../policies/count-of.ts";
import { openAdminClient } from "../admin/admin-client.ts";
import type { AdminFlags } from "../admin/gateway-address.ts";
import { CliError } from "../errors.ts";
import { alreadyThere, writeNew } from "../new-file.ts";

export interface RecordFlags extends AdminFlags {
  readonly route?: string;
  readonly session?: string;
  /** In the language of filters. */
  readonly filter?: string;
  /** Milliseconds. */
  readonly for?: number;
  readonly out?: string;
}

/** Writes what a running gateway has recorded, or records from now on, into a file. */
export async function recordSessions(flags: RecordFlags): Promise<void> {
  const { route, session, filter, for: waitMs } = flags;
  const problem = findFilterProblem(filter ?? "");
  if (problem !== undefined) throw new CliError("ERR_CLI_USAGE", `--filter: ${problem}.`);
  const gateway = await openAdminClient(flags);
  const now = new Date();
  const out = flags.out ?? `framegate-${now.toISOString().replaceAll(":", "-").slice(0, 19)}.ndjson`;
  // Told before the wait: what passes meanwhile would be lost.
  if ((await lstat(out).catch(() => undefined)) !== undefined) throw alreadyThere(out);
  if (waitMs !== undefined) await untilInterrupted(waitMs);
  const query = { route, session, filter, from: waitMs === undefined ? undefined : now.getTime() };
  const { recording, ...counts } = await gateway.get("/recording", exportedRecordingSchema, query);
  if (counts.sessions === 0) throw new CliError("ERR_CLI_EMPTY", wordNothing(counts));
  // For this user alone, as `traffic.file` is.
  await writeNew(out, recording, { mode: 0o600 });
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ file: out, ...counts })}\n` : wordCounts(out, counts),
  );
}

/** Ctrl-C ends the wait, and what there is until then is written. */
async function untilInterrupted(ms: number): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal);
  process.stderr.write(`recording for ${ms / 1000} s; Ctrl-C ends it sooner\n`);
  await delay(ms, undefined, { signal: stop.signal }).catch(() => {});
  process.off("SIGINT", onSignal);
}

const KEEP_WHOLE = 'set `recording: { payload: "1MiB" }` for the route';

function wordCounts(out: string, counts: Omit<ExportedRecording, "recording">): string {
  const { sessions, messages, cutMessages, answers, lostAnswers, leftOut } = counts;
  const told = answers === 0 ? "" : `, ${countOf(answers, "answer")} of kv and fetch`;
  return `${[
    `${out}: ${countOf(sessions, "session")}, ${countOf(messages, "message")}${told}`,
    ...(cutMessages === 0
      ? []
      : [
          `${countOf(cutMessages, "message is", "messages are")} there in part only, and will not be replayed: ${KEEP_WHOLE}`,
        ]),
    ...(lostAnswers === 0
      ? []
      : [
          `${countOf(lostAnswers, "answer of kv and fetch was", "answers of kv and fetch were")} too large, or too many to keep`,
        ]),
    ...(leftOut === 0 ? [] : [wordLeftOut(leftOut)]),
  ].join("\n")}\n`;
}

function wordNothing({ leftOut }: Pick<ExportedRecording, "leftOut">): string {
  const why =
    leftOut === 0
      ? `Where nobody has recorded, ${KEEP_WHOLE}.`
      : `${wordLeftOut(leftOut)}. For those to come, ${KEEP_WHOLE}.`;
  return `Nothing is recorded of what was asked for, and no file was written. ${why}`;
}

function wordLeftOut(count: number): string {
  return `${countOf(count, "session is", "sessions are")} left out: the beginning is not kept, or there are too many`;
}
