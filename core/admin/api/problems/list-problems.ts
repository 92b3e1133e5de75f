import type { FleetProblem } from "../../../fleet/status.ts";
import type { CertificateEnd } from "../../../listen/certificate-ends.ts";
import type { RouteProblem } from "../../../routes/problems.ts";
import type { SinkStats } from "../../../sinks/sinks.ts";
import type { SourceReport } from "../../../source/source.ts";
import type { PolicyView } from "../api-schema.ts";
import type { ProblemView } from "./problem-schema.ts";
import { viewRouteProblem } from "./route-problems.ts";

/** What is known of the gateway's parts. Texts are "" where nothing is wrong. */
export interface ProblemFacts {
  readonly policies: readonly PolicyView[];
  /** Of the folder of policies itself. */
  readonly folder: string;
  /** Of the routes that are in use. */
  readonly routes: readonly RouteProblem[];
  readonly source: SourceReport["problem"];
  readonly fleet: FleetProblem | undefined;
  /** Of the store of what is recorded. */
  readonly traffic: string;
  /** What is recorded is kept by others, and read from there. */
  readonly isReadElsewhere: boolean;
  readonly sinks: readonly SinkStats[];
  readonly certificates: readonly CertificateEnd[];
  readonly sandbox: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** All that somebody has to do something about; the worst first. */
export function listProblems(facts: ProblemFacts): readonly ProblemView[] {
  const all = [
    ...facts.policies.flatMap(ofPolicy),
    ...ofText("policies-folder", "Policies folder", "cannot be used as it is", facts.folder),
    ...facts.routes.flatMap(viewRouteProblem),
    ...ofSource(facts.source),
    ...ofFleet(facts.fleet),
    ...(facts.isReadElsewhere
      ? ofText("traffic-unreadable", "Recorded traffic", "cannot be read at the moment", facts.traffic)
      : ofText("traffic-store", "Recorded traffic", "is not kept at the moment", facts.traffic)),
    ...facts.sinks.flatMap(({ sink, problem }) =>
      ofText("sink", sink, "takes no records of traffic: they wait, as many as its queue holds", problem),
    ),
    ...facts.certificates.flatMap((certificate) => ofCertificate(certificate, facts.now)),
    ...ofText("sandbox", "Sandbox", "lacks walls of the operating system", facts.sandbox).map(soften),
  ];
  return all.toSorted((a, b) => Number(a.tone === "warn") - Number(b.tone === "warn"));
}

function ofPolicy(policy: PolicyView): readonly ProblemView[] {
  const { name, state, version, problem, lastFault, recentFaults, breaker, quarantine } = policy;
  const found: ProblemView[] = [];
  const say = (
    kind: ProblemView["kind"],
    tone: ProblemView["tone"],
    text: string,
    error?: { readonly message: string; readonly time: number } | null,
  ) => found.push({ kind, tone, name, text, detail: error?.message ?? "", time: error?.time ?? 0 });
  if (state === "failed")
    say("policy-failed", "bad", "never loaded: connections through it get 503", problem);
  if (state === "stale")
    say("policy-stale", "bad", `runs ${version}: the newest file has a problem`, problem);
  if (state === "gone")
    say("policy-gone", "warn", "runs its last version: its file is gone, and a route names it");
  if (breaker === "open")
    say("policy-breaker", "bad", "fails so often that its breaker is open, and it is not called", lastFault);
  else if (recentFaults > 0) say("policy-failing", "bad", wordFaults(recentFaults), lastFault);
  if (quarantine !== null)
    say("policy-quarantine", "warn", `is in quarantine: it has cost its sandbox host (${quarantine.reason})`);
  return found;
}

function wordFaults(count: number): string {
  return count === 1 ? "failed once in the last minutes" : `failed ${count} times in the last minutes`;
}

function ofSource(problem: SourceReport["problem"]): readonly ProblemView[] {
  if (problem === undefined) return [];
  const { kind, message } = problem;
  return kind === "refused"
    ? ofText("source-refused", "Source", "a version is refused, what ran before runs on", message)
    : ofText("source-silent", "Source", "gives nothing, what ran before runs on", message).map(soften);
}

function ofFleet(problem: FleetProblem | undefined): readonly ProblemView[] {
  if (problem === undefined) return [];
  const { kind, message } = problem;
  return kind === "lost"
    ? ofText("fleet-lost", "Fleet", "its Redis does not answer", message)
    : ofText("fleet-name", "Fleet", "this gateway is not in it", message);
}

const DAY_MS = 86_400_000;
/** What renews certificates has renewed them before: at a third of their life, or at half of a short one. */
const LAST_SHARE = 0.15;
const MOST_DAYS = 14;

function ofCertificate({ name, startsAt, endsAt }: CertificateEnd, now: number): readonly ProblemView[] {
  const left = endsAt - now;
  if (left > Math.min(MOST_DAYS * DAY_MS, (endsAt - startsAt) * LAST_SHARE)) return [];
  const kind = "certificate";
  const place = { kind, name, detail: "", time: 0 } as const;
  if (left <= 0) return [{ ...place, tone: "bad", text: "its certificate has ended: clients refuse it" }];
  const days = Math.floor(left / DAY_MS);
  const when = days === 0 ? "today" : days === 1 ? "tomorrow" : `in ${days} days`;
  return [{ ...place, tone: "warn", text: `its certificate ends ${when}, and nothing has renewed it` }];
}

function ofText(
  kind: ProblemView["kind"],
  name: string,
  text: string,
  detail: string,
): readonly ProblemView[] {
  return detail === "" ? [] : [{ kind, tone: "bad", name, text, detail, time: 0 }];
}

function soften(problem: ProblemView): ProblemView {
  return { ...problem, tone: "warn" };
}
