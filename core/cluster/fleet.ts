import type { PolicyBundle, PolicyStats } from "../../sandbox/contract.ts";
import type { KvStore } from "../../sandbox/index.ts";
import type { DrainConfig, GatewayConfig, UpstreamConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import { removeStaleSocket } from "../listen/stale-socket.ts";
import type { MetricsJson } from "../metrics/engine-metrics.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import type { PlanFailure, PlannedCapabilities } from "./engine.ts";
import type { LiveSession, RouteTraffic } from "./live-view.ts";
import { sumPolicyStats } from "./policy-stats.ts";
import type { WorkerPulse } from "./pulse.ts";
import { createLocalWorker, forkWorker, type LocalParts, type Worker } from "./worker.ts";

/** All that runs: the routes, and the newest good version of each policy in them. */
export interface FleetPlan {
  readonly routes: readonly RoutePlan[];
  readonly bundles: readonly PolicyBundle[];
  readonly upstreams: readonly UpstreamConfig[];
  readonly capabilities: PlannedCapabilities;
}

export interface FleetOptions extends LocalParts {
  readonly config: GatewayConfig;
  readonly emit: EmitEvent;
  /** Where all workers keep what policies keep, unless it is in Redis. */
  readonly kv: KvStore;
  /** What the workers have recorded. */
  onBatch(batch: Batch): void;
  onWorkerDeath(): void;
  onPlanFailure(failure: PlanFailure): void;
}

/** The workers, all running the same plan. One that dies is replaced. */
export interface Fleet {
  /** Start the workers with a plan and listen. Rejects with the system's error when a listener cannot be had. */
  start(plan: FleetPlan, listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** Listen on these and no others. A failure leaves the listeners of all workers as they were. */
  listen(listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  apply(plan: FleetPlan): Promise<void>;
  metrics(): Promise<readonly MetricsJson[]>;
  /** Settles when `onBatch` has had all that was recorded so far. */
  collectRecords(): Promise<void>;
  /** Of each worker, by route; a route of several workers is there several times. */
  traffic(): Promise<readonly RouteTraffic[]>;
  /** Of all workers. @param id only this one */
  sessions(id?: string): Promise<readonly LiveSession[]>;
  /** @returns whether there was such a session */
  closeSession(id: string, status: CloseStatus): Promise<boolean>;
  /** What the policies did, over all workers. */
  policyStats(): Promise<readonly PolicyStats[]>;
  /** Of each worker, since it was last asked. */
  pulses(): Promise<readonly WorkerPulse[]>;
  stop(drain: DrainConfig): Promise<void>;
}

/** A worker that dies sooner than this after its start waits before its successor comes. */
const shortLifeMs = 1000;

interface Member {
  readonly worker: Worker;
  /** Which version of each policy it has been given. */
  readonly sent: Map<string, string>;
}

export function createFleet(options: FleetOptions): Fleet {
  const { config } = options;
  const members = new Set<Member>();
  let current: FleetPlan = {
    routes: [],
    bundles: [],
    upstreams: [],
    capabilities: { grants: {}, secrets: {} },
  };
  let listeners: readonly ListenerPlan[] = [];
  let isStopping = false;

  return {
    async start(plan, wanted) {
      current = plan;
      listeners = wanted;
      await removeStaleSockets(wanted);
      const count = Math.max(1, config.workers);
      const addresses = await Promise.all(Array.from({ length: count }, startMember));
      return addresses[0];
    },
    async apply(plan) {
      current = plan;
      // A worker that dies meanwhile is no failure of the plan: its successor starts with it.
      await Promise.allSettled([...members].map((member) => bring(member, plan)));
    },
    async listen(wanted) {
      const before = listeners;
      const open = new Set(before.map(({ config }) => config.socket));
      await removeStaleSockets(wanted.filter(({ config }) => !open.has(config.socket)));
      listeners = wanted;
      const asked = [...members];
      const results = await Promise.allSettled(asked.map(({ worker }) => worker.listen(wanted)));
      // A worker that died meanwhile is no failure: its successor starts with the new ones.
      const failure = results.find(
        (result, index) => result.status === "rejected" && members.has(asked[index]!),
      );
      if (failure?.status === "rejected") {
        listeners = before;
        await Promise.allSettled([...members].map(({ worker }) => worker.listen(before)));
        throw failure.reason;
      }
      return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))[0] ?? [];
    },
    metrics: () => askAll((worker) => worker.metrics()),
    async collectRecords() {
      await askAll((worker) => worker.collect());
    },
    traffic: async () => (await askAll((worker) => worker.traffic())).flat(),
    sessions: async (id) => (await askAll((worker) => worker.sessions(id))).flat(),
    closeSession: async (id, status) =>
      (await askAll((worker) => worker.closeSession(id, status))).includes(true),
    policyStats: async () => sumPolicyStats(await askAll((worker) => worker.policyStats())),
    pulses: () => askAll((worker) => worker.pulse()),
    async stop(drain) {
      isStopping = true;
      await Promise.allSettled([...members].map(({ worker }) => worker.stop(drain)));
    },
  };

  /** A worker that dies meanwhile has no answer. */
  async function askAll<Answer>(question: (worker: Worker) => Promise<Answer>): Promise<readonly Answer[]> {
    const results = await Promise.allSettled([...members].map(({ worker }) => question(worker)));
    return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }

  async function startMember(): Promise<readonly ListenerAddress[]> {
    const startedAt = performance.now();
    let member: Member | undefined;
    const worker =
      config.workers === 0
        ? await createLocalWorker(config, options)
        : await forkWorker(config, options, () => {
            if (member !== undefined) members.delete(member);
            if (!isStopping && member !== undefined) replaceMember(performance.now() - startedAt);
          });
    if (isStopping) {
      await worker.stop({ code: 1001, spreadMs: 0, timeoutMs: 0 });
      throw new Error("the gateway is stopping");
    }
    member = { worker, sent: new Map() };
    members.add(member);
    await bring(member, current);
    return worker.listen(listeners);
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

/** Here and not in a worker: of several, one would take away the file that another has just made. */
async function removeStaleSockets(listeners: readonly ListenerPlan[]): Promise<void> {
  for (const { config } of listeners) if (config.socket !== undefined) await removeStaleSocket(config.socket);
}
