import type { PolicyBinding, PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import type { RouteConfig, ShadowConfig } from "../config/index.ts";
import type { OptionsCheck } from "./chains.ts";
import type { ClaimedUse, RouteClaim } from "./claims.ts";
import type { RouteProblem, UsePlace } from "./problems.ts";
import type { RoutePlan } from "./route-runtime.ts";
import type { PlannedShadow, ShadowUse } from "./shadow-use.ts";
import { useKey } from "./use-key.ts";

/** A use of a policy in a route that is to have a shadow. */
export interface WantedShadow extends UsePlace {
  readonly config: ShadowConfig;
  /** Of the use itself, and not of the whole chain. */
  readonly isOwn: boolean;
  readonly binding: PolicyBinding;
  /** As they are written: another version may have another schema. */
  readonly options: ClaimedUse["options"];
}

/** What is there to be a shadow. */
export interface ShadowVersion {
  readonly bundle: PolicyBundle;
  readonly exports: PolicyExports;
}

export interface FoundShadow {
  /** There is a policy of that name. */
  readonly isKnown: boolean;
  /** The last that could be loaded. */
  readonly version?: ShadowVersion;
  /** Why what the file has is not that one. */
  readonly problem?: string;
}

export interface ShadowsSource {
  /** The policy of a folder; undefined: the folder is not read yet. */
  find(folder: string, policy: string): FoundShadow | undefined;
  /** Versions on their way whose rollout looks at what they say otherwise. */
  readonly canaries: readonly { readonly policy: string; readonly bundle: PolicyBundle }[];
}

export interface ShadowPlan {
  /** By the route's name. */
  readonly uses: ReadonlyMap<string, readonly ShadowUse[]>;
  readonly shadows: readonly PlannedShadow[];
  readonly problems: readonly RouteProblem[];
}

/** Whether a route's rollout has new versions run as shadows. */
export function judgesShadows({ rollout }: Pick<RouteConfig, "rollout">): boolean {
  return rollout?.abort.shadowDiffs !== undefined;
}

/** @param chain of the claim: its enabled uses */
export function wantShadows(claim: RouteClaim, chain: readonly PolicyBinding[]): WantedShadow[] {
  return claim.uses
    .filter(({ enabled }) => enabled)
    .flatMap((use, index) => {
      const binding = chain[index];
      const config = use.shadow ?? claim.config.shadow ?? false;
      if (config === false || binding?.policy !== use.use) return [];
      const { file, config: route } = claim;
      const place = { file, option: use.option, route: route.name, policy: use.use };
      return [{ ...place, config, isOwn: use.shadow !== undefined, binding, options: use.options }];
    });
}

/** Which shadows run, and whose calls they get. One that cannot leaves the traffic as it is. */
export function planShadows(
  wanted: readonly WantedShadow[],
  routes: readonly RoutePlan[],
  source: ShadowsSource,
  check: OptionsCheck,
): ShadowPlan {
  const uses = new Map<string, ShadowUse[]>();
  const shadows = new Map<string, PlannedShadow>();
  const problems: RouteProblem[] = [];
  const add = (route: string, use: ShadowUse, shadow: PlannedShadow) => {
    uses.set(route, [...(uses.get(route) ?? []), use]);
    shadows.set(shadow.name, shadow);
  };

  for (const want of wanted) {
    const { config, policy, binding, route } = want;
    const { folder, from, sample, fetch } = config;
    const { version, ...found } = source.find(folder, config.policy ?? policy) ?? UNREAD;
    const examined = examineShadow(want, { ...found, exports: version?.exports }, check);
    if ("problem" in examined) problems.push(examined.problem);
    if (version === undefined || !("options" in examined)) continue;
    const name = nameOfShadow(policy, config);
    const use = { use: useKey(binding), shadow: name, options: examined.options, sample };
    add(route, use, { ...ofBundle(version.bundle, name), policy, from, isCanary: false, fetch });
  }

  for (const { policy, bundle } of source.canaries) {
    // No config can ask for one of that name.
    const name = `${policy} (rollout)`;
    const about = { policy, from: "rollout", isCanary: true, fetch: false };
    for (const { config, chain } of routes) {
      if (!judgesShadows(config)) continue;
      for (const binding of chain.filter((each) => each.policy === policy)) {
        const options = (binding.canaryOptions ?? binding).options;
        const use = { use: useKey(binding), shadow: name, options, sample: 1 };
        add(config.name, use, { ...ofBundle(bundle, name), ...about });
      }
    }
  }
  return { uses, shadows: [...shadows.values()], problems };
}

const UNREAD: FoundShadow = { isKnown: true };

/** Whether a shadow that is wanted can be one, as far as that is known; nothing where there is nothing to say. */
export function examineShadow(
  { config, isOwn, options, file, option, route, policy }: WantedShadow,
  { isKnown, exports }: Pick<FoundShadow, "isKnown"> & { readonly exports: PolicyExports | undefined },
  check: OptionsCheck,
): { readonly problem: RouteProblem } | Pick<PolicyBinding, "options"> | Readonly<Record<string, never>> {
  const about = { file, option, route, policy, from: config.from };
  if (!isKnown && isOwn)
    return { problem: { code: "no-shadow", ...about, isFile: config.policy !== undefined } };
  if (exports === undefined) return {};
  const checked = check(exports.optionsSchema, options);
  if ("options" in checked) return { options: checked.options };
  return { problem: { code: "shadow-options", ...about, message: checked.problem } };
}

/** What tells a shadow from all others. */
export function nameOfShadow(policy: string, { from, fetch }: Pick<ShadowConfig, "from" | "fetch">): string {
  return `${policy} (shadow: ${from}${fetch ? ", with fetch" : ""})`;
}

function ofBundle(bundle: PolicyBundle, name: string): Pick<PlannedShadow, "name" | "version" | "bundle"> {
  const { file, version, code, sourceMap } = bundle;
  return { name, version, bundle: { name, file, version, code, sourceMap } };
}
