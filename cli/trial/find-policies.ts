import { extname, relative, resolve } from "node:path";
import type { GatewayConfig, RouteConfig } from "../../core/config/index.ts";
import type { Bundle } from "../../policies/bundle/bundle.ts";
import { bundleSource } from "../../policies/bundle/bundler.ts";
import { findPolicies, type PolicySource } from "../../policies/folder.ts";
import { findOwnPolicies } from "../../policies/own-packs.ts";
import { suggestPolicy } from "../../policies/pack/missing-policy.ts";
import { createPackFolder } from "../../policies/pack/pack-folder.ts";
import { parsePolicyName } from "../../policies/pack/pack-name.ts";
import { showPath } from "../../policies/shown-path.ts";
import { suggestName } from "../../sandbox/suggestion.ts";
import { CliError } from "../errors.ts";

/** @throws CliError that names the routes there are */
export function findNamedRoute({ routes, file }: GatewayConfig, name: string): RouteConfig {
  const found = routes.find((route) => route.name === name) ?? routes.find((route) => route.path === name);
  if (found !== undefined) return found;
  const names = routes.map((route) => route.name);
  const where =
    file === undefined
      ? "there is no config file here: name one with --config"
      : `${showPath(file)} has ${names.join(", ") || "none"}`;
  throw new CliError(
    "ERR_CLI_USAGE",
    `--route: no route "${name}"; ${hintOf(suggestName(name, names))}${where}.`,
  );
}

/** The policies that a route uses, in the order of its chain, each once. */
export async function findUsed(config: GatewayConfig, route: RouteConfig): Promise<readonly PolicySource[]> {
  const all = await findAll(config);
  if (route.policies === "*") return all.filter(({ name }) => parsePolicyName(name) === undefined);
  const names = [...new Set(route.policies.filter(({ enabled }) => enabled).map(({ use }) => use))];
  return Promise.all(names.map((name) => findNamed(all, name, config)));
}

/** By its name, or by its file. */
export async function findPolicy(config: GatewayConfig, policy: string): Promise<PolicySource> {
  if (!/\.[cm]?[jt]s$/.test(policy)) return findNamed(await findAll(config), policy, config);
  const file = resolve(policy);
  const below = relative(config.policiesDir, file);
  const shown = below.startsWith("..") ? file.slice(file.lastIndexOf("/") + 1) : below;
  return { name: shown.slice(0, -extname(shown).length), file };
}

export async function bundleAll(sources: readonly PolicySource[]): Promise<readonly Bundle[]> {
  const bundles: Bundle[] = [];
  // One after the other: which of several is told of first, when they fail, is the same each time.
  for (const source of sources) bundles.push(await bundleSource(source));
  return bundles;
}

async function findAll({ policiesDir, packs }: GatewayConfig): Promise<readonly PolicySource[]> {
  const own = await findPolicies(policiesDir);
  const { sources } = await createPackFolder(policiesDir, packs).find();
  return [...own, ...sources];
}

async function findNamed(
  all: readonly PolicySource[],
  name: string,
  { policiesDir }: GatewayConfig,
): Promise<PolicySource> {
  const found = all.find((source) => source.name === name) ?? (await findOwnPolicies([name]))[0];
  if (found !== undefined) return found;
  const names = all.map((source) => source.name);
  const listed =
    names.length === 0
      ? `there are none in ${showPath(policiesDir)}: name the folder with --policies`
      : `there are ${names.join(", ")}`;
  throw new CliError(
    "ERR_CLI_PATH",
    `There is no policy "${name}"; ${hintOf(suggestPolicy(name, names))}${listed}.`,
  );
}

function hintOf(near: string | undefined): string {
  return near === undefined ? "" : `did you mean "${near}"? `;
}
