import type { KvStore } from "../../sandbox/index.ts";
import type { DrainConfig, GatewayConfig } from "../config/index.ts";
import type { EnginePlan, PlanFailure } from "../engine/engine-plan.ts";
import type { EmitEvent } from "../events.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import { removeStaleSocket } from "../listen/stale-socket.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import { forkWorker } from "./forked-worker.ts";
import { createLocalWorker } from "./local-worker.ts";
import { methodsOf, type QuestionMethods, questions } from "./requests.ts";
import type { LocalParts, Worker } from "./worker.ts";

/** As each engine's, but that its bundles are all that run: the newest good version of each policy in the routes. */
export type FleetPlan = EnginePlan;

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

/** The workers, all running the same plan, and answering as one. One that dies is replaced. */
export interface Fleet extends QuestionMethods {
  /** Start the workers with a plan and listen. Rejects with the system's error when a listener cannot be had. */
  start(plan: FleetPlan, listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** Listen on these and no others. A failure leaves the listeners of all workers as they were. */
  listen(listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  apply(plan: FleetPlan): Promise<void>;
  /** Settles when `onBatch` has had all that was recorded so far. */
  collectRecords(): Promise<void>;
  stop(drain: DrainConfig): Promise<void>;
}

/** A worker that dies sooner than this after its start waits before its successor comes. */
const SHORT_LIFE_MS = 1000;

type Question = (...args: readonly unknown[]) => Promise<unknown>;

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
    ...methodsOf<QuestionMethods>(questions, async (name, args) => {
      const { merge } = questions[name] as { merge(answers: readonly unknown[]): unknown };
      return merge(await askAll((worker) => (worker[name] as Question)(...args)));
    }),
    async start(plan, wanted) {
      current = plan;
      listeners = wanted;
      await removeStaleSockets(wanted);
      const count = Math.max(1, config.workers);
      const [addresses = []] = await Promise.all(Array.from({ length: count }, startMember));
      return addresses;
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
      const answers = await Promise.all([...members].map((member) => tryListening(member, wanted)));
      const failure = answers.find((answer) => "error" in answer);
      if (failure !== undefined) {
        listeners = before;
        await Promise.allSettled([...members].map(({ worker }) => worker.listen(before)));
        throw failure.error;
      }
      return answers.find((answer) => "addresses" in answer)?.addresses ?? [];
    },
    async collectRecords() {
      await askAll((worker) => worker.collect());
    },
    async stop(drain) {
      isStopping = true;
      await Promise.allSettled([...members].map(({ worker }) => worker.stop(drain)));
    },
  };

  /** A worker that dies meanwhile is no failure: its successor starts with the new ones. */
  async function tryListening(
    member: Member,
    wanted: readonly ListenerPlan[],
  ): Promise<{ addresses: readonly ListenerAddress[] } | { error: unknown } | { isGone: true }> {
    try {
      return { addresses: await member.worker.listen(wanted) };
    } catch (error) {
      return members.has(member) ? { error } : { isGone: true };
    }
  }

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
    const delay = livedMs < SHORT_LIFE_MS ? SHORT_LIFE_MS : 0;
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
