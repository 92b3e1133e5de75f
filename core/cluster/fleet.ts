import type { PolicyBundle } from "../../sandbox/contract.ts";
import type { GatewayConfig, ListenAddress, UpstreamConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import type { MetricsJson } from "../metrics/engine-metrics.ts";
import type { RoutePlan } from "../route-runtime.ts";
import type { PlanFailure } from "./engine.ts";
import { createLocalWorker, forkWorker, type Worker } from "./worker.ts";

/** All that runs: the routes, and the newest good version of each policy in them. */
export interface FleetPlan {
  readonly routes: readonly RoutePlan[];
  readonly bundles: readonly PolicyBundle[];
  readonly upstreams: readonly UpstreamConfig[];
}

export interface FleetOptions {
  readonly config: GatewayConfig;
  readonly emit: EmitEvent;
  onWorkerDeath(): void;
  onPlanFailure(failure: PlanFailure): void;
}

/** The workers, all running the same plan. One that dies is replaced. */
export interface Fleet {
  /** Start the workers with a plan and listen. Rejects with the system's error when a listener cannot be had. */
  start(plan: FleetPlan): Promise<readonly ListenAddress[]>;
  apply(plan: FleetPlan): Promise<void>;
  metrics(): Promise<readonly MetricsJson[]>;
  stop(): Promise<void>;
}

/** A worker that dies sooner than this after its start waits before its successor comes. */
const shortLifeMs = 1000;

interface Member {
  readonly worker: Worker;
  /** Which version of each policy it has been given. */
  readonly sent: Map<string, string>;
}

export function createFleet(options: FleetOptions): Fleet {
  const { config, emit } = options;
  const members = new Set<Member>();
  let current: FleetPlan = { routes: [], bundles: [], upstreams: [] };
  let isStopping = false;

  return {
    async start(plan) {
      current = plan;
      const count = Math.max(1, config.workers);
      const addresses = await Promise.all(Array.from({ length: count }, startMember));
      return addresses[0];
    },
    async apply(plan) {
      current = plan;
      // A worker that dies meanwhile is no failure of the plan: its successor starts with it.
      await Promise.allSettled([...members].map((member) => bring(member, plan)));
    },
    async metrics() {
      const results = await Promise.allSettled([...members].map(({ worker }) => worker.metrics()));
      return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    },
    async stop() {
      isStopping = true;
      await Promise.allSettled([...members].map(({ worker }) => worker.stop(config.drainTimeoutMs)));
    },
  };

  async function startMember(): Promise<readonly ListenAddress[]> {
    const startedAt = performance.now();
    let member: Member | undefined;
    const worker =
      config.workers === 0
        ? await createLocalWorker(config, emit)
        : await forkWorker(config, emit, () => {
            if (member !== undefined) members.delete(member);
            if (!isStopping && member !== undefined) replaceMember(performance.now() - startedAt);
          });
    if (isStopping) {
      await worker.stop(0);
      throw new Error("the gateway is stopping");
    }
    member = { worker, sent: new Map() };
    members.add(member);
    await bring(member, current);
    return worker.listen();
  }

  function replaceMember(livedMs: number): void {
    options.onWorkerDeath();
    const delay = livedMs < shortLifeMs ? shortLifeMs : 0;
    setTimeout(() => {
      if (isStopping) return;
      startMember().catch(() => replaceMember(0));
    }, delay);
  }

  async function bring(member: Member, plan: FleetPlan): Promise<void> {
    const names = new Set(plan.bundles.map(({ name }) => name));
    // A worker drops what no plan names: it has to be sent again if it comes back.
    for (const name of member.sent.keys()) if (!names.has(name)) member.sent.delete(name);
    const bundles = plan.bundles.filter(({ name, version }) => member.sent.get(name) !== version);
    for (const { name, version } of bundles) member.sent.set(name, version);
    const failures = await member.worker.apply({ ...plan, bundles });
    for (const failure of failures) {
      member.sent.delete(failure.policy);
      options.onPlanFailure(failure);
    }
  }
}
