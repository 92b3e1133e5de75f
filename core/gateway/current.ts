import { grantsOfPacks, type PolicySnapshot } from "../../policies/reload/policy-state.ts";
import type { QuarantineEntry } from "../../sandbox/contract/faults.ts";
import type { ViewedShadow } from "../admin/gateway-view.ts";
import type { Breakpoint } from "../breakpoints/breakpoint.ts";
import { type GatewayConfig, takeLive } from "../config/index.ts";
import type { Drained } from "../engine/engine-plan.ts";
import type { NetAddress } from "../net/address.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import type { SettledPolicies } from "../rollout/settled.ts";
import type { OptionsCheck } from "../routes/chains.ts";
import { addPackGrants, wordGrantProblem } from "../routes/pack-grants.ts";
import { planRoutes, type RouteTable } from "../routes/planner.ts";
import { wordProblem } from "../routes/problems.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { RouteSwitches } from "../routes/route-switches.ts";
import { planShadows, type ShadowPlan } from "../routes/shadow-plan.ts";
import { wordUnseenHttp } from "../routes/unseen-http.ts";
import type { RecordingSwitch } from "../traffic/switches/recording-switch.ts";
import type { PoolPlan } from "../workers/worker-pool.ts";
import { type AskSchema, OptionChecks } from "./option-checks.ts";
import type { ShadowSources } from "./shadow-sources.ts";
import { readShadowStates } from "./shadow-states.ts";

/** What the gateway goes by at the moment: the config, the secrets, the policies, and the routes that follow from them. */
export interface Current {
  readonly config: GatewayConfig;
  readonly secrets: SecretValues;
  /** As sessions have them: a version that is on its way is not `current`. */
  readonly policies: PolicySnapshot;
  /** Undefined before the first plan. Switched routes are as they are switched. */
  readonly table: RouteTable | undefined;
  /** Of the last plan. */
  readonly shadows: readonly ViewedShadow[];
  findRoute(name: string): RoutePlan | undefined;
  /** What of it can change while the gateway runs; the next plan goes by it. */
  takeConfig(newest: GatewayConfig, secrets: SecretValues): void;
  /**
   * What the workers are to run; plans come in the order in which they were asked for.
   *
   * @param newest state of the folder
   * @param config that belongs to it; no plan has the one without the other. Absent: as it is
   */
  plan(newest: PolicySnapshot, config?: GatewayConfig): Promise<PoolPlan>;
  /**
   * As the folder was, when anything else has changed. Undefined before the first plan, which goes by all that has: one
   * without the folder's policies would have routes that nothing guards, and later plans keep to what a route has.
   */
  replan(): Promise<PoolPlan | undefined>;
}

export interface PlanNews {
  readonly problems: readonly string[];
  /** What works as it is, and hardly as it was meant. */
  readonly notes: readonly string[];
  /** Problems and notes that are none any more. */
  readonly solved: readonly string[];
}

export interface CurrentOptions {
  readonly config: GatewayConfig;
  readonly secrets: SecretValues;
  readonly switches: Pick<RouteSwitches, "apply">;
  /** Versions that have cost a sandbox host. */
  quarantine(): readonly QuarantineEntry[];
  /** What operators drain. */
  drained(): Drained;
  /** What they have switched of recording. */
  recordings(): readonly RecordingSwitch[];
  /** Where operators hold messages. */
  breakpoints(): readonly Breakpoint[];
  /** It does not take the options of a route. */
  onCanaryRefused(policy: string, version: string, message: string): void;
  /** What sessions are to have of what is in the folder. */
  settle(newest: PolicySnapshot): SettledPolicies;
  /** Where the console is bound, once it is. */
  consoleAddress(): NetAddress | undefined;
  /** Where shadows are from. */
  readonly shadowSources: Pick<ShadowSources, "find" | "follow">;
  /** Asks a policy's schema about options. */
  askSchema: AskSchema;
  /** There is a new plan. @param news what the plan before did not have */
  onPlan(policies: PolicySnapshot, news: PlanNews): void;
}

/** The folder has not been read yet. */
const NO_POLICIES: PolicySnapshot = { policies: [] };

export function createCurrent({
  switches,
  quarantine,
  drained,
  recordings,
  breakpoints,
  settle,
  onCanaryRefused,
  consoleAddress,
  shadowSources,
  askSchema,
  onPlan,
  ...start
}: CurrentOptions): Current {
  let { config, secrets } = start;
  /** As they are in the folder. */
  let newest = NO_POLICIES;
  let settled: SettledPolicies = { policies: NO_POLICIES, canaries: [] };
  let table: RouteTable | undefined;
  let shadowing: ShadowPlan | undefined;
  /** What is wrong with the routes and grants in use, and what is noted of them, one sentence each. */
  let known: ReadonlySet<string> = new Set();
  let planning: Promise<unknown> = Promise.resolve();
  const optionChecks = new OptionChecks(askSchema);

  async function makePlan(found: PolicySnapshot): Promise<PoolPlan> {
    newest = found;
    settled = settle(newest);
    const { policies } = settled;
    // Schemas take their time. What is planned is what is in force when all have answered.
    const taken = await optionChecks.settle((check) => {
      const planned = planRoutes(config, policies.policies, check, table);
      return { config, secrets, planned, shadowing: planShadowing(planned, check) };
    });
    return takePlan(taken);
  }

  function planShadowing({ shadows, routes }: RouteTable, check: OptionsCheck): ShadowPlan {
    const canaries = settled.canaries.flatMap(({ policy, bundle }) => (bundle ? [{ policy, bundle }] : []));
    return planShadows(shadows, routes, { find: shadowSources.find, canaries }, check);
  }

  function takePlan({ config, secrets, planned, shadowing: shadows }: Taken): PoolPlan {
    shadowing = shadows;
    const { policies } = settled;
    const { grants, problems } = addPackGrants(config.capabilities.grants, grantsOfPacks(policies));
    table = { ...planned, routes: withShadows(switches.apply(planned.routes), shadows) };
    shadowSources.follow(
      planned.shadows.map(({ config: { folder, policy }, policy: own }) => ({
        folder,
        policy: policy ?? own,
      })),
    );
    const routeProblems = [...planned.problems, ...shadows.problems];
    const words = [...routeProblems.map(wordProblem), ...problems.map(wordGrantProblem)];
    const sentences = words.map(({ inLog }) => inLog);
    const hooks = new Map(policies.policies.map((policy) => [policy.name, policy.current?.exports.hooks]));
    const unseen = wordUnseenHttp(planned.routes, (policy) => hooks.get(policy) ?? []);
    const notes = unseen === undefined ? [] : [unseen];
    const isNew = (sentence: string) => !known.has(sentence);
    const standing = new Set([...sentences, ...notes]);
    const solved = [...known].filter((sentence) => !standing.has(sentence));
    onPlan(policies, { problems: sentences.filter(isNew), notes: notes.filter(isNew), solved });
    known = standing;
    const refused = new Map(
      planned.problems.flatMap((problem) =>
        problem.code === "canary-options" ? [[problem.policy, problem.message] as const] : [],
      ),
    );
    const canaries = settled.canaries.filter(({ policy }) => usedIn(planned).has(policy));
    for (const { policy, version } of canaries) {
      const problem = refused.get(policy);
      if (problem !== undefined) onCanaryRefused(policy, version, problem);
    }
    const console = consoleAddress();
    return {
      ...(console !== undefined && { console }),
      routes: table.routes,
      bundles: bundlesOf(table, policies),
      canaries: canaries.filter(({ policy }) => !refused.has(policy)),
      shadows: shadows.shadows,
      groups: table.groups,
      quarantine: quarantine(),
      drained: drained(),
      recordings: recordings(),
      breakpoints: breakpoints(),
      upstreams: config.upstreams,
      capabilities: { grants, secrets },
      ...(config.trustedProxies !== undefined && { trustedProxies: config.trustedProxies }),
      traffic: config.traffic,
    };
  }

  return {
    get config() {
      return config;
    },
    get secrets() {
      return secrets;
    },
    get policies() {
      return settled.policies;
    },
    get table() {
      return table;
    },
    get shadows() {
      return table && shadowing ? readShadowStates(table.shadows, shadowing, shadowSources.find) : [];
    },
    findRoute: (name) => table?.routes.find((route) => route.config.name === name),
    takeConfig(newest, values) {
      config = takeLive(config, newest);
      secrets = values;
    },
    plan: (found, whole) =>
      inTurn(() => {
        if (whole !== undefined) config = takeLive(config, whole);
        return makePlan(found);
      }),
    replan: () => inTurn(async () => (newest === NO_POLICIES ? undefined : makePlan(newest))),
  };

  function inTurn<Plan>(make: () => Promise<Plan>): Promise<Plan> {
    const plan = planning.then(make);
    planning = plan.catch(() => {});
    return plan;
  }
}

interface Taken {
  readonly config: GatewayConfig;
  readonly secrets: SecretValues;
  readonly planned: RouteTable;
  readonly shadowing: ShadowPlan;
}

function withShadows(routes: readonly RoutePlan[], { uses }: ShadowPlan): readonly RoutePlan[] {
  return routes.map((route) => {
    const shadows = uses.get(route.config.name);
    return shadows === undefined ? route : { ...route, shadows };
  });
}

function usedIn({ routes }: RouteTable): ReadonlySet<string> {
  return new Set(routes.flatMap(({ chain }) => chain.map(({ policy }) => policy)));
}

/** The newest good version of each policy that a route uses. */
function bundlesOf(table: RouteTable, { policies }: PolicySnapshot): PoolPlan["bundles"] {
  const used = usedIn(table);
  return policies.flatMap(({ name, current }) => (current && used.has(name) ? [current.bundle] : []));
}
