import { grantsOfPacks, type PolicySnapshot } from "../../policies/reload/policy-state.ts";
import type { QuarantineEntry } from "../../sandbox/contract.ts";
import type { FleetPlan } from "../cluster/fleet.ts";
import { type GatewayConfig, takeLive } from "../config/index.ts";
import type { Drained } from "../engine/engine-plan.ts";
import type { NetAddress } from "../net/address.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import { addPackGrants, wordGrantProblem } from "../routes/pack-grants.ts";
import { planRoutes, type RouteTable } from "../routes/planner.ts";
import { wordProblem } from "../routes/problems.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { RouteSwitches } from "../routes/route-switches.ts";
import { type AskSchema, OptionChecks } from "./option-checks.ts";

/** What the gateway goes by at the moment: the config, the secrets, the policies, and the routes that follow from them. */
export interface Current {
  readonly config: GatewayConfig;
  readonly policies: PolicySnapshot;
  /** Undefined before the first plan. Switched routes are as they are switched. */
  readonly table: RouteTable | undefined;
  findRoute(name: string): RoutePlan | undefined;
  /** What of it can change while the gateway runs; the next plan goes by it. */
  takeConfig(newest: GatewayConfig, secrets: SecretValues): void;
  /** What the workers are to run; plans come in the order in which they were asked for. @param newest state of the folder */
  plan(newest: PolicySnapshot): Promise<FleetPlan>;
  /**
   * As the folder was, when anything else has changed. Undefined before the first plan, which goes by all that has: one
   * without the folder's policies would have routes that nothing guards, and later plans keep to what a route has.
   */
  replan(): Promise<FleetPlan | undefined>;
}

export interface CurrentOptions {
  readonly config: GatewayConfig;
  readonly secrets: SecretValues;
  readonly switches: Pick<RouteSwitches, "apply">;
  /** Versions that have cost a sandbox host. */
  quarantine(): readonly QuarantineEntry[];
  /** What operators drain. */
  drained(): Drained;
  /** Where the console is bound, once it is. */
  consoleAddress(): NetAddress | undefined;
  /** Asks a policy's schema about options. */
  askSchema: AskSchema;
  /** There is a new plan. @param newProblems those that the plan before did not have */
  onPlan(policies: PolicySnapshot, newProblems: readonly string[]): void;
}

/** The folder has not been read yet. */
const NO_POLICIES: PolicySnapshot = { policies: [] };

export function createCurrent({
  switches,
  quarantine,
  drained,
  consoleAddress,
  askSchema,
  onPlan,
  ...start
}: CurrentOptions): Current {
  let { config, secrets } = start;
  let policies = NO_POLICIES;
  let table: RouteTable | undefined;
  /** What is wrong with the routes and grants in use, one sentence each. */
  let known: ReadonlySet<string> = new Set();
  let planning: Promise<unknown> = Promise.resolve();
  const optionChecks = new OptionChecks(askSchema);

  async function makePlan(newest: PolicySnapshot): Promise<FleetPlan> {
    policies = newest;
    // Schemas take their time. What is planned is what is in force when all have answered.
    const taken = await optionChecks.settle((check) => ({
      config,
      secrets,
      planned: planRoutes(config, newest.policies, check, table),
    }));
    return takePlan(taken);
  }

  function takePlan({ config, secrets, planned }: Taken): FleetPlan {
    const { grants, problems } = addPackGrants(config.capabilities.grants, grantsOfPacks(policies));
    table = { ...planned, routes: switches.apply(planned.routes) };
    const words = [...planned.problems.map(wordProblem), ...problems.map(wordGrantProblem)];
    const sentences = words.map(({ inLog }) => inLog);
    onPlan(
      policies,
      sentences.filter((sentence) => !known.has(sentence)),
    );
    known = new Set(sentences);
    const console = consoleAddress();
    return {
      ...(console !== undefined && { console }),
      routes: table.routes,
      bundles: bundlesOf(table, policies),
      groups: table.groups,
      quarantine: quarantine(),
      drained: drained(),
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
    get policies() {
      return policies;
    },
    get table() {
      return table;
    },
    findRoute: (name) => table?.routes.find((route) => route.config.name === name),
    takeConfig(newest, values) {
      config = takeLive(config, newest);
      secrets = values;
    },
    plan: (newest) => inTurn(() => makePlan(newest)),
    replan: () => inTurn(async () => (policies === NO_POLICIES ? undefined : makePlan(policies))),
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
}

/** The newest good version of each policy that a route uses. */
function bundlesOf({ routes }: RouteTable, { policies }: PolicySnapshot): FleetPlan["bundles"] {
  const used = new Set(routes.flatMap(({ chain }) => chain.map(({ policy }) => policy)));
  return policies.flatMap(({ name, current }) => (current && used.has(name) ? [current.bundle] : []));
}
