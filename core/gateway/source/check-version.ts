import { readdir, stat } from "node:fs/promises";
import { relative, sep } from "node:path";
import {
  grantsOfPacks,
  type PolicyProblem,
  type PolicySnapshot,
} from "../../../policies/reload/policy-state.ts";
import { createReloader } from "../../../policies/reload/reloader.ts";
import { showPath } from "../../../policies/shown-path.ts";
import type { GatewayConfig } from "../../config/index.ts";
import { addPackGrants, wordGrantProblem } from "../../routes/pack-grants.ts";
import { planRoutes, usedPolicies } from "../../routes/planner.ts";
import { wordProblem } from "../../routes/problems.ts";
import { SourceError } from "../../source/errors.ts";
import { type AskSchema, OptionChecks } from "../option-checks.ts";
import type { VersionProbe } from "../probes/probe.ts";

export interface CheckVersionOptions {
  readonly config: GatewayConfig;
  readonly probe: VersionProbe;
  readonly askSchema: AskSchema;
}

/** More are not named: who mends these sees the others. */
const MOST_NAMED = 5;

/** Where it is on disk. */
export interface VersionFolders {
  readonly version: string;
  /** Of its policies, in that. */
  readonly policies: string;
}

type LoadProblem = Pick<PolicyProblem, "message"> & Partial<Pick<PolicyProblem, "frame">>;

/**
 * A version is taken whole or not at all: rejects with a SourceError when one of its policies cannot be loaded, or a route
 * of the gateway would have trouble with it. What it says of files names them by their path in the version.
 */
export async function checkVersion(
  folders: VersionFolders,
  { config, probe, askSchema }: CheckVersionOptions,
): Promise<void> {
  const { version, policies: dir } = folders;
  const snapshot = await loadAll(dir, { config, probe });
  const { hostFault } = probe;
  // No fault of the version's.
  if (hostFault !== undefined)
    throw new SourceError("ERR_SOURCE_PROBE", hostFault.message, { cause: hostFault });
  const ofLoads = findLoadProblems(snapshot);
  // All routes with all policies would let everything pass.
  const hasNone = !snapshot.policies.some(({ file }) => file.startsWith(dir));
  const problems: readonly LoadProblem[] = hasNone
    ? [{ message: await wordLack(folders, config) }, ...ofLoads]
    : [...ofLoads, ...(await findRouteProblems(snapshot, config, askSchema))];
  if (problems.length === 0) return;
  const more = problems.length > MOST_NAMED ? `; and ${problems.length - MOST_NAMED} more` : "";
  const messages = problems.slice(0, MOST_NAMED).map(({ message }) => withinVersion(message, version));
  const frame = problems.find((problem) => problem.frame)?.frame;
  throw new SourceError("ERR_SOURCE_CHECK", messages.join("; ") + more, {
    frame: frame && withinVersion(frame, version),
  });
}

/** Where a version is kept is no business of its author's. */
function withinVersion(text: string, version: string): string {
  return text.replaceAll(`${version}${sep}`, "").replaceAll(`${showPath(version)}${sep}`, "");
}

/** No policy is where they are looked for. */
async function wordLack({ version, policies }: VersionFolders, { source }: GatewayConfig): Promise<string> {
  const folder = relative(version, policies).replaceAll(sep, "/") || ".";
  const isThere = await stat(policies).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const names = (await readdir(isThere ? policies : version)).sort();
  const more = names.length > MOST_NAMED ? " and more" : "";
  const listed = names.length === 0 ? "nothing" : `${names.slice(0, MOST_NAMED).join(", ")}${more}`;
  if (isThere)
    return `it has no policy ${folder === "." ? "at its top" : `in ${folder}/`}, where there is ${listed}`;
  const archive =
    source?.from.kind === "http"
      ? `; an archive with it is made by \`tar czf policies.tar.gz ${folder}\``
      : "";
  return `it has no folder ${folder}/, where \`policies\` of the config says that they are: at its top there is ${listed}${archive}`;
}

async function loadAll(
  dir: string,
  { config, probe }: Pick<CheckVersionOptions, "config" | "probe">,
): Promise<PolicySnapshot> {
  const reloader = createReloader({
    ...{ dir, packs: config.packs },
    watch: false,
    usedBy: (policies) => usedPolicies(config, policies),
    onBuilds: probe.expect,
    probe: probe.exportsOf,
    onSnapshot: async () => {},
    onResult: () => {},
  });
  try {
    return await reloader.start();
  } finally {
    await reloader.close();
  }
}

function findLoadProblems({ policies, problem }: PolicySnapshot): LoadProblem[] {
  return [problem, ...policies.map((policy) => policy.problem)].filter((found) => found !== undefined);
}

async function findRouteProblems(
  snapshot: PolicySnapshot,
  config: GatewayConfig,
  askSchema: AskSchema,
): Promise<LoadProblem[]> {
  const { problems } = await new OptionChecks(askSchema).settle((check) =>
    planRoutes(config, snapshot.policies, check, undefined),
  );
  const grants = addPackGrants(config.capabilities.grants, grantsOfPacks(snapshot));
  // What the log says of a route speaks of its connections, and this version has none.
  return [...problems.map(wordProblem), ...grants.problems.map(wordGrantProblem)]
    .flatMap(({ inFiles }) => inFiles)
    .map(({ place, message }) => ({ message: place === "" ? message : `${showPath(place)}: ${message}` }));
}
