import { grantsOfPacks, type PolicySnapshot } from "../../policies/reload/policy-state.ts";
import type { QuarantineEntry } from "../../sandbox/contract.ts";
import type { FleetPlan } from "../cluster/fleet.ts";
import { type GatewayConfig, takeLive } from "../config/index.ts";
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
  /** What the workers are to run; plans come in the order in which they were asked for. @param newest state of the folder; absent: the last one */
  plan(newest?: PolicySnapshot): Promise<FleetPlan>;
}

export interface CurrentOptions {
  readonly config: GatewayConfig;
  readonly secrets: SecretValues;
  readonly switches: Pick<RouteSwitches, "apply">;
  /** Versions that have cost a sandbox host. */
  quarantine(): readonly QuarantineEntry[];
  /** Where the console is bound, once it is. */
  consoleAddress(): NetAddress | undefined;
  /** Asks a policy's schema about options. */
  askSchema: AskSchema;
  /** There is a new plan. @param newProblems those that the plan before did not have */
  onPlan(policies: PolicySnapshot, newProblems: readonly string[]): void;
}

export function createCurrent({
  switches,
  quarantine,
  consoleAddress,
  askSchema,
  onPlan,
  ...start
}: CurrentOptions): Current {
  let { config, secrets } = start;
  let policies: PolicySnapshot = { policies: [] };
  let table: RouteTable | undefined;
  /** What is wrong with the routes and grants in use, one sentence each. */
  let known: ReadonlySet<string> = new Set();
  let planning: Promise<unknown> = Promise.resolve();
  const optionChecks = new OptionChecks(askSchema);

  async function makePlan(newest = policies): Promise<FleetPlan> {
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
      upstreams: config.upstreams,
      capabilities: { grants, secrets },
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
    plan(newest) {
      const plan = planning.then(() => makePlan(newest));
      planning = plan.catch(() => {});
      return plan;
    },
  };
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
