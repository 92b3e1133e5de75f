import { dirname, join, resolve } from "node:path";
import { readConfigDocument, readConfigText } from "../document/config-file.ts";
import { openPlaces } from "../document/places.ts";
import { readVersionConfig } from "../document/version-config.ts";
import type { GatewayConfig } from "../gateway-config.ts";
import { ACTIVE_LINK } from "../options/source.ts";
import { resolveConfig } from "../resolve.ts";
import type { Path } from "../values/schema-places.ts";
import { parseSetting, putAt } from "../values/settings.ts";
import type { FilledValue } from "../values/variables.ts";
import { layOver, type VersionInput } from "../version-options.ts";
import {
  type DerivedValue,
  type EffectiveValue,
  listEffective,
  type ValueOrigin,
} from "./effective-config.ts";
import { showRouteName } from "./shown-secrets.ts";

/** What an option of the command line says in place of the config. */
export interface FlagValue {
  readonly flag: string;
  readonly path: Path;
  readonly value: unknown;
}

export interface ConfigAsked {
  /** Each `PLACE=VALUE`. */
  readonly settings: readonly string[];
  readonly flags: readonly FlagValue[];
}

/**
 * Every option that `framegate start` would go by, and where its value came from. Needs none of the secrets. Rejects with a ConfigError as a start
 * would.
 */
export async function explainConfig(
  file: string,
  { settings, flags }: ConfigAsked,
): Promise<readonly EffectiveValue[]> {
  const absolute = resolve(file);
  const document = await readConfigDocument(absolute, settings);
  const withFlags = (input: unknown) =>
    flags.reduce((put, { path, value }) => putAt(put, path, value), input);
  const input = withFlags(document.input);
  const base = {
    dir: dirname(absolute),
    file: absolute,
    written: withFlags(document.written),
    settings,
    secretsStandIn: true,
  };
  const own = resolveConfig(input, base);
  const version =
    own.source?.config === true ? await readVersionConfig(join(own.source.dir, ACTIVE_LINK)) : undefined;
  const config = version === undefined ? own : resolveConfig(input, { ...base, version });
  const text = await readConfigText(absolute);
  const lineOf = await openLines(absolute, text);
  return listEffective(layOver(input, version), {
    originOf: findOrigins({ ...document, settings, flags, version, lineOf }),
    derived: deriveValues(config),
  });
}

async function openLines(file: string, text: string): Promise<Known["lineOf"]> {
  if (/\.(?:json|ya?ml)$/.test(file)) return openPlaces(text);
  // It reads with the compiler's scanner, which nothing else here needs.
  const { openScriptPlaces } = await import("../document/script-places.ts");
  return openScriptPlaces(text);
}

interface Known {
  readonly filled: readonly FilledValue[];
  readonly settings: readonly string[];
  readonly flags: readonly FlagValue[];
  readonly version: VersionInput | undefined;
  readonly lineOf: (path: Path) => number | undefined;
}

/** The last word counts: of the file, then `--set`, then other options, then a version of the source. */
function findOrigins({ filled, settings, flags, version, lineOf }: Known): (path: Path) => ValueOrigin {
  const set = settings.map((written) => ({
    setting: written.split("=")[0] ?? "",
    path: parseSetting(written)?.path ?? [],
  }));
  return (path) => {
    if (version !== undefined && Object.hasOwn(version, String(path[0]))) return { kind: "version" };
    const flag = flags.find((each) => isWithin(path, each.path));
    if (flag !== undefined) return { kind: "flag", flag: flag.flag };
    const setting = set.findLast((each) => isWithin(path, each.path));
    if (setting !== undefined) return { kind: "set", setting: setting.setting };
    const value = filled.find((each) => isWithin(path, each.path));
    const line = lineOf(path);
    const at = line === undefined ? {} : { line };
    if (value === undefined) return { kind: "file", ...at };
    const isFallback = value.defaulted.length === value.names.length;
    return { kind: isFallback ? "fallback" : "file", ...at, variables: value.names };
  };
}

function isWithin(path: Path, around: Path): boolean {
  return around.every((key, index) => String(key) === String(path[index]));
}

function deriveValues({ workers, routes, cluster }: GatewayConfig): DerivedValue[] {
  return [
    { path: ["workers"], value: workers, from: "the number of cores" },
    { path: ["recording"], value: false, from: "framegate start; dev has true" },
    { path: ["watchConfig"], value: false, from: "framegate start; dev has true" },
    { path: ["origins"], value: ["same"], from: "framegate start; dev has pages of this machine too" },
    ...(cluster === undefined
      ? []
      : [
          {
            path: ["cluster", "node"],
            value: cluster.node,
            from: "the host's name, and the config's path and addresses",
          },
        ]),
    ...routes.map(({ name, match }, index) => ({
      path: ["routes", index, "name"],
      value: showRouteName(name, match.headers ?? {}),
      from: "its path and match",
    })),
  ];
}
