import { access, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { explainClosedConsole, type GatewayConfig, SAFE_ORIGINS } from "../../core/config/index.ts";
import { usedPolicies } from "../../core/routes/planner.ts";
import { readVersion } from "../../core/version.ts";
import { countOf } from "../../policies/count-of.ts";
import { PoliciesError } from "../../policies/error.ts";
import { findPolicies, type PolicySource } from "../../policies/folder.ts";
import { findOwnPolicies } from "../../policies/own-packs.ts";
import { createPackFolder } from "../../policies/pack/pack-folder.ts";
import { parsePolicyName } from "../../policies/pack/pack-name.ts";
import { checkTypes } from "../../policies/type-check.ts";
import type { OsSandbox } from "../../sandbox/contract/limits.ts";
import { refreshEditorTypes } from "../editor-types.ts";
import { CliError } from "../errors.ts";
import { requireFolder } from "../gateway-options.ts";
import { formatProblem, type Problem } from "../problem.ts";
import { type CheckedConfig, type CheckOptions, readConfigs } from "./config.ts";
import { checkJail } from "./jail.ts";
import { loadPolicies, wordFilters } from "./policies.ts";
import { examineRoutes, type RouteFindings, wordGroups, wordMirrors } from "./routes.ts";
import { sarifOfProblems } from "./sarif.ts";
import { checkShadows } from "./shadows.ts";
import { wordTypeErrors } from "./type-errors.ts";
import { wordUngranted } from "./ungranted.ts";

/** Prints every problem of the config and the policies; rejects when there is any. */
export async function checkAll(options: CheckOptions): Promise<void> {
  if (options.config !== undefined && options.policies !== undefined) {
    throw new CliError(
      "ERR_CLI_USAGE",
      "--policies checks policies without a config file: leave out it or --config.",
    );
  }
  if (options.policies !== undefined) await requireFolder(options.policies);
  const checked = await readConfigs(options);
  await refreshEditorTypes(checked.config);
  const jail = await checkJail(checked.config.sandbox.host.os);
  const { sources, groups, filters, notes, ...found } = await findAll(checked, jail.os);
  const problems = [...jail.problems, ...found.problems];
  if (options.sarif !== undefined) await writeFile(options.sarif, sarifOfProblems(problems, readVersion()));
  if (problems.length === 0) {
    const fine =
      sources.length === 0
        ? "the config is fine, and no policy belongs to it"
        : countOf(sources.length, "policy is fine", "policies are fine");
    const first = (await waitsForVersion(checked)) ? [] : [fine];
    process.stdout.write(
      `${[...first, ...(await wordSource(checked)), ...filters, ...wordGroups(groups), ...wordMirrors(checked.config), ...notes, ...findNotes(checked), ...jail.notes].join("\n")}\n`,
    );
    return;
  }
  const summary = `${countOf(problems.length, "problem", "problems")} in the config and ${countOf(sources.length, "policy", "policies")}`;
  process.stdout.write(`${[...problems.map(formatProblem), summary].join("\n\n")}\n`);
  throw new CliError("ERR_CLI_PROBLEMS", summary);
}

async function wordSource(checked: CheckedConfig): Promise<string[]> {
  const { source } = checked.config;
  if (source === undefined) return [];
  const lost =
    source.from.kind === "folder" && !(await isFound(source.from.folder)) ? [source.from.folder] : [];
  return [
    (await waitsForVersion(checked))
      ? "policies come from a source, and no version is here yet: the config alone is checked"
      : "policies come from a source: those are checked that ran here last",
    ...lost.map((folder) => `source.folder: ${folder} is not there on this machine`),
  ];
}

/** With a source there are no policies before its first version. */
async function waitsForVersion({ config, policiesDir }: CheckedConfig): Promise<boolean> {
  if (config.source === undefined) return false;
  return !(await isFound(policiesDir));
}

function isFound(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What works as it is, and hardly as it was meant. Without a config file nothing was. */
function findNotes({ config }: CheckedConfig): string[] {
  const closed = config.file === undefined ? undefined : explainClosedConsole(config.console);
  return [...findOwnPages(config), ...(closed === undefined ? [] : [closed])];
}

/** Routes that no page of another host can use, because nothing is said of origins. */
function findOwnPages({ listen, routes }: GatewayConfig): string[] {
  const inheriting = routes.filter(({ enabled, origins }) => enabled && origins.allow === undefined);
  if (inheriting.length === 0 || !listen.some(({ origins }) => isDeepStrictEqual(origins, SAFE_ORIGINS)))
    return [];
  const names = inheriting.map(({ name }) => name).join(", ");
  return [
    `browsers: pages of the gateway's own host may connect, others get 403; no origins are set for ${names}: name others in \`origins\` of the route or the config, or say \`origins: ["same"]\` of the route where that is meant`,
  ];
}

interface PolicyFindings extends RouteFindings {
  readonly sources: readonly PolicySource[];
  /** Which messages hooks are for, and what they take and are not granted. */
  readonly filters: readonly string[];
}

const NOTHING_FOUND: PolicyFindings = {
  sources: [],
  problems: [],
  groups: [],
  shadows: [],
  notes: [],
  filters: [],
};

async function findAll(checked: CheckedConfig, os: OsSandbox): Promise<PolicyFindings> {
  if (await waitsForVersion(checked)) return { ...NOTHING_FOUND, problems: checked.problems };
  try {
    const sources = await findPolicies(checked.policiesDir);
    const packed = await createPackFolder(checked.policiesDir, checked.config.packs).find();
    const problems = packed.problems.map(({ message }) => ({ place: "", message }));
    const lost = await findLostFolder(checked);
    const found = await findProblems({ ...checked, os }, sources, packed.sources);
    return {
      ...found,
      problems: [...lost, ...found.problems, ...problems],
    };
  } catch (error) {
    if (!(error instanceof PoliciesError)) throw error;
    return { ...NOTHING_FOUND, problems: [...checked.problems, { place: "", message: error.message }] };
  }
}

/** A folder that is not there has no policies, as one that is empty: that is a problem where routes name policies of it. */
async function findLostFolder({ config, policiesDir }: CheckedConfig): Promise<Problem[]> {
  const isNamed = usedPolicies(config, []).some((name) => parsePolicyName(name) === undefined);
  if (!isNamed) return [];
  return requireFolder(policiesDir, "policies").then(
    () => [],
    ({ message }: Error) => [{ place: config.file ?? "", message }],
  );
}

async function findProblems(
  { config, policiesDir, problems, os }: CheckedConfig & { readonly os: OsSandbox },
  own: readonly PolicySource[],
  packed: readonly PolicySource[],
): Promise<PolicyFindings> {
  const typeErrors = await checkTypes(policiesDir, own);
  const { limits, host } = config.sandbox;
  const sandbox = { limits, host: { ...host, os } };
  const first = await loadPolicies([...own, ...packed], sandbox);
  const shipped = await findOwnPolicies(
    usedPolicies(
      config,
      first.policies.map(({ exports, ...policy }) => ({ ...policy, current: { exports } })),
    ),
  );
  const second = await loadPolicies(shipped, sandbox);
  const sources = [...own, ...packed, ...shipped];
  const policies = [...first.policies, ...second.policies];
  const routes = examineRoutes(config, sources, policies);
  const found = [
    ...problems,
    ...wordTypeErrors(typeErrors, first.problems),
    ...first.problems,
    ...second.problems,
    ...routes.problems,
    ...(await checkShadows(routes.shadows, {
      packs: config.packs,
      sandbox: { ...config.sandbox, ...sandbox },
    })),
  ];
  const { groups, shadows, notes } = routes;
  const ungranted = config.file === undefined ? [] : wordUngranted(policies, config.capabilities.grants);
  return {
    sources,
    problems: found,
    groups,
    shadows,
    notes,
    filters: [...wordFilters(policies), ...ungranted],
  };
}
