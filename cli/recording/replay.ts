import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type GatewayConfig, loadConfigFile, resolveConfig } from "../../core/config/index.ts";
import { readSessions } from "../../core/recording/read-recording.ts";
import { emptyBaseline, readBaseline, writeBaseline } from "../../core/replay/baseline.ts";
import { compareWithRecorded } from "../../core/replay/compare-recorded.ts";
import { compareRuns } from "../../core/replay/compare-runs.ts";
import { fingerprintOf, groupDifferences } from "../../core/replay/groups.ts";
import { openPolicySet, type PolicySet } from "../../core/replay/policy-set.ts";
import { type ReplayRun, replaySessions } from "../../core/replay/replay.ts";
import { buildReport } from "../../core/replay/report.ts";
import { formatJunit } from "../../core/replay/report-junit.ts";
import { reportSarif } from "../../core/replay/report-sarif.ts";
import { formatReport } from "../../core/replay/report-text.ts";
import { readVersion } from "../../core/version.ts";
import { countOf } from "../../policies/count-of.ts";
import { showPath } from "../../policies/shown-path.ts";
import { showForCi } from "../../policies/shown-text.ts";
import { CliError } from "../errors.ts";
import { findOptionalConfig, requireFolder } from "../gateway-options.ts";
import { RECORD_FIRST, readInput } from "../input-file.ts";
import { openEarlier } from "./policies-of-revision.ts";

export interface ReplayOptions {
  readonly policies?: string;
  readonly config?: string;
  readonly against?: string;
  readonly accept?: boolean;
  readonly baseline?: string;
  readonly junit?: string;
  readonly sarif?: string;
  readonly json?: boolean;
}

/** Prints what differs; rejects when anything does that is not in the baseline. */
export async function replayFile(file: string, options: ReplayOptions): Promise<void> {
  const recording = readSessions(await readInput(file, RECORD_FIRST), file);
  const config = await configFor(options);
  const replay = (policies: PolicySet) => replaySessions(recording, policies);
  const open = (policiesDir: string) =>
    openPolicySet({
      config: { ...config, policiesDir },
      heedsGrants: config.file !== undefined,
      events: recording.events,
    });
  const policies = await open(config.policiesDir);
  const run = await runAndClose(policies, replay);
  refuseEmpty(file, run);
  const differences =
    options.against === undefined
      ? compareWithRecorded(run)
      : compareRuns(await runEarlier(options.against, config.policiesDir, open, replay), run);

  const baselineFile = options.baseline ?? `${file}.baseline.json`;
  if (options.accept === true) {
    const before = await loadBaseline(baselineFile, false);
    await writeFile(baselineFile, writeBaseline(groupDifferences(differences)));
    const now = new Set(differences.map(fingerprintOf));
    const removed = [...before.fingerprints].filter((each) => !now.has(each)).length;
    const gone =
      removed === 0 ? "" : `, ${removed} that no longer ${removed === 1 ? "differs" : "differ"} removed`;
    process.stdout.write(`${countOf(differences.length, "difference")} accepted in ${baselineFile}${gone}\n`);
    return;
  }
  const baseline = await loadBaseline(baselineFile, options.baseline !== undefined);
  const report = buildReport({ recording: file, run, differences, baseline, bundles: policies.bundles });
  for (const problem of policies.problems) process.stderr.write(showForCi(`framegate: ${problem}\n`));
  if (options.junit !== undefined) await writeFile(options.junit, formatJunit(report));
  if (options.sarif !== undefined) await writeFile(options.sarif, reportSarif(report, readVersion()));
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(report),
  );
  if (report.groups.length > 0) throw new CliError("ERR_CLI_PROBLEMS", "something differs");
}

/** Nothing that differs is no sign of anything where nothing was compared. */
function refuseEmpty(file: string, { events, left }: ReplayRun): void {
  const has = (type: "upgrade" | "message") => events.some((event) => event.type === type);
  if (has("message") || (has("upgrade") && left.cutMessages === 0)) return;
  const what = has("upgrade") ? "no message that is there whole" : "no session";
  throw new CliError(
    "ERR_CLI_EMPTY",
    `Nothing was replayed: ${showPath(file)} has ${what}. Record routes with \`recording: { payload: "1MiB" }\`.`,
  );
}

type Replay = (policies: PolicySet) => Promise<ReplayRun>;

async function runEarlier(
  against: string,
  policiesDir: string,
  open: (dir: string) => Promise<PolicySet>,
  replay: Replay,
): Promise<ReplayRun> {
  const earlier = await openEarlier(against, policiesDir);
  try {
    return await runAndClose(await open(earlier.dir), replay);
  } finally {
    await earlier.remove();
  }
}

async function runAndClose(policies: PolicySet, replay: Replay): Promise<ReplayRun> {
  try {
    return await replay(policies);
  } finally {
    await policies.close();
  }
}

/** Without a config file there is one route for everything, with every policy of the folder. */
async function configFor({ config: named, policies }: ReplayOptions): Promise<GatewayConfig> {
  const file = named ?? (await findOptionalConfig());
  const config =
    file === undefined
      ? resolveConfig(
          { policies, routes: [{ path: "/*", upstream: "ws://replay.invalid", policies: "*" }] },
          { dir: process.cwd() },
        )
      : await loadConfigFile(file, { secretsStandIn: true });
  const policiesDir = policies === undefined ? config.policiesDir : resolve(policies);
  await requireFolder(policiesDir);
  return { ...config, policiesDir };
}

async function loadBaseline(file: string, isNamed: boolean) {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (!isNamed && (error as NodeJS.ErrnoException).code === "ENOENT") return emptyBaseline;
    throw error;
  }
  return readBaseline(text, file);
}
