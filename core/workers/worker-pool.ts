import type { PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import { type AskBook, type KvStore, SandboxError, WORKER_GROUP } from "../../sandbox/index.ts";
import type { DrainConfig, GatewayConfig } from "../config/index.ts";
import { drainDismissal } from "../engine/dismissal.ts";
import type { EnginePlan, PlanFailure } from "../engine/engine-plan.ts";
import type { EmitEvent } from "../events.ts";
import type { CapBook } from "../leases/caps/cap-book.ts";
import type { Settle } from "../leases/settled/account.ts";
import type { AskChallenge } from "../listen/challenges/challenges.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import type { SteeredWorker } from "../steering/steering-order.ts";
import { SteeringRun } from "../steering/steering-run.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import { askAll, askWorkers } from "./ask-workers.ts";
import { createPoolDoors } from "./doors/pool-doors.ts";
import { forkWorker } from "./forked-worker.ts";
import { createLocalWorker } from "./local-worker.ts";
import { createPost, type Post, type WorkerDeath } from "./post.ts";
import type { QuestionMethods } from "./requests.ts";
import { SentVersions } from "./sent-versions.ts";
import { type LocalParts, type Worker, WorkerGoneError } from "./worker.ts";

/** As each engine's, but that its bundles are all that run: the newest good version of each policy in the routes. */
export type PoolPlan = EnginePlan;

export interface WorkerPoolOptions extends LocalParts {
  readonly config: GatewayConfig;
  readonly emit: EmitEvent;
  /** Where all workers keep what policies keep, unless it is in Redis. */
  readonly kv: KvStore;
  /** The one book of rates. */
  readonly askRates: AskBook;
  /** The one book of what sessions have let in. */
  readonly settleRates: Settle;
  /** Never rejects. Undefined: there is no fleet. */
  readonly askChallenge?: AskChallenge | undefined;
  readonly capBook: CapBook;
  /** What the workers have recorded. */
  onBatch(batch: Batch): void;
  onWorkerDeath(death: WorkerDeath): void;
  onPlanFailure(failure: PlanFailure): void;
  /** These are to run inside of workers, of which some were started before there were any. Said once for the same ones. */
  onNotHeld(policies: readonly string[]): void;
  /** So many connections were closed because too many wait for workers that take none. */
  onOverflow(count: number): void;
}

/** The workers, all running the same plan, and answering as one. One that dies is replaced. */
export interface WorkerPool extends QuestionMethods {
  /** Have the workers started, which takes them as long as it takes to make a plan. */
  hire(): void;
  /** Versions come soon, to be loaded ahead. */
  expectVersions(): void;
  /**
   * Load a version in one of the workers, and say what it exports. Rejects with a SandboxError when it does not load, with a
   * WorkerGoneError when there is no worker for it.
   *
   * @param isKept for the first plan
   */
  loadAhead(bundle: PolicyBundle, isKept: boolean): Promise<PolicyExports>;
  /** Give the workers a plan and listen. Rejects with the system's error when a listener cannot be had. */
  start(plan: PoolPlan, listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** Listen on these and no others. A failure leaves the listeners of all workers as they were. */
  listen(listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  apply(plan: PoolPlan): Promise<void>;
  /** Those that serve now: what is done to sessions is dealt out among them. */
  steered(): readonly SteeredWorker[];
  /** The start is over: they give back what only that has needed. */
  settle(): void;
  /** Settles when `onBatch` has had all that was recorded so far. */
  collectRecords(): Promise<void>;
  stop(drain: DrainConfig): Promise<void>;
}

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { config } = options;
  const members = new Map<Worker, SentVersions>();
  let posts: readonly Post[] = [];
  let current: PoolPlan = {
    routes: [],
    bundles: [],
    canaries: [],
    groups: [],
    quarantine: [],
    upstreams: [],
    capabilities: { grants: {}, secrets: {} },
    traffic: config.traffic,
  };
  /** There is a plan, and what the listeners are. */
  const planned = Promise.withResolvers<void>();
  planned.promise.catch(() => {}); // those who wait are told
  /** What has been said of those that are not where they are to be. */
  let notHeld = "";
  let isStopping = false;
  const doors = createPoolDoors({
    config,
    workers: () => members.keys(),
    onOverflow: (count) => options.onOverflow(count),
  });

  return {
    ...askWorkers(() => members.keys()),
    hire,
    expectVersions() {
      hire();
      const worker = posts[0]?.worker;
      // One that ends meanwhile tells those who come with the versions.
      worker?.begun.then(() => worker.expectVersions()).catch(() => {});
    },
    async loadAhead(bundle, isKept) {
      hire();
      const worker = posts[0]?.worker;
      if (worker === undefined) throw new WorkerGoneError("there is no worker");
      await worker.begun;
      const loaded = await worker.loadAhead(bundle, isKept);
      if (loaded.ok) return loaded.exports;
      const { code, message, frame, stack } = loaded.error;
      throw new SandboxError(code, message, { frame, stack });
    },
    async start(plan, wanted) {
      current = plan;
      doors.expect(wanted);
      if (isStopping) throw new Error("the gateway is stopping");
      hire();
      planned.resolve();
      await firstServing(posts);
      tellNotHeld();
      if (isStopping) throw new Error("the gateway is stopping");
      return doors.open(wanted);
    },
    async apply(plan) {
      current = plan;
      // A worker that dies meanwhile is no failure of the plan: its successor starts with it.
      await Promise.allSettled([...members].map(([worker, sent]) => bring(worker, sent, plan)));
      tellNotHeld();
    },
    listen: (wanted) => doors.change(wanted),
    steered: () => [...members.keys()],
    settle() {
      void askAll(members.keys(), (worker) => worker.settle());
    },
    async collectRecords() {
      await askAll(members.keys(), (worker) => worker.collect());
    },
    async stop(drain) {
      isStopping = true;
      planned.reject(new Error("the gateway is stopping"));
      doors.close();
      const isPaced = drain.perSecond > 0;
      if (isPaced) await sayGoodbye(drain);
      const rest = isPaced ? { ...drain, spreadMs: 0 } : drain;
      await Promise.allSettled(posts.map((post) => post.stop(rest)));
    },
  };

  /** Each worker has its own sessions, and all of them one rate. */
  async function sayGoodbye(drain: DrainConfig): Promise<void> {
    const { spreadMs, jitter = 0, perSecond, reconnectMs = 0 } = drain;
    const workers = [...members.keys()];
    await Promise.allSettled(workers.map((worker) => worker.leave(drain)));
    const { status, grounds } = drainDismissal(drain);
    const run = new SteeringRun("drain", { overMs: spreadMs, perSecond, jitter });
    await run.select(workers, { id: "drain", filter: {}, act: { close: status, reconnectMs, grounds } });
    run.begin();
    await run.ended;
  }

  function hire(): void {
    if (posts.length > 0 || isStopping) return;
    posts = Array.from({ length: Math.max(1, config.workers) }, openPost);
    // Whoever starts the pool is told.
    for (const { opened } of posts) opened.catch(() => {});
  }

  function tellNotHeld(): void {
    const held = [...members.keys()].every(({ holdsIsolates }) => holdsIsolates) ? [] : heldBy(current);
    const told = held.join();
    if (told !== notHeld && told !== "") options.onNotHeld(held);
    notHeld = told;
  }

  function openPost(): Post {
    return createPost({
      silenceMs: config.workerSilenceMs,
      hire: () =>
        config.workers === 0
          ? createLocalWorker(config, options)
          : forkWorker(config, options, heldBy(current).length > 0),
      async equip(worker) {
        await planned.promise;
        const sent = new SentVersions();
        members.set(worker, sent);
        const failures = await bring(worker, sent, current);
        // What it lacks may come with the next worker; to be there without its policies helps nobody.
        const fault = failures.find(({ isHostFault }) => isHostFault);
        if (fault !== undefined) throw new Error(fault.message);
        await doors.admit(worker);
      },
      onGone(worker) {
        members.delete(worker);
        doors.dismiss(worker);
      },
      onDeath: options.onWorkerDeath,
    });
  }

  async function bring(worker: Worker, sent: SentVersions, plan: PoolPlan): Promise<readonly PlanFailure[]> {
    const failures = await worker.apply(sent.send(plan));
    for (const failure of failures) {
      sent.forget(failure);
      options.onPlanFailure(failure);
    }
    return failures;
  }
}

/** Policies that are to run inside of workers. */
function heldBy({ groups }: PoolPlan): readonly string[] {
  return groups.flatMap(([policy, group]) => (group === WORKER_GROUP ? [policy] : []));
}

/**
 * Settles when each post has its worker, or has lost so many that it will not be waited for; rejects when no post has one,
 * or a worker that is well says what is wrong.
 */
async function firstServing(posts: readonly Post[]): Promise<void> {
  const results = await Promise.allSettled(posts.map(({ opened }) => opened));
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const fault = failures.find((failure) => !(failure instanceof WorkerGoneError));
  if (fault !== undefined || failures.length === posts.length) throw fault ?? failures[0];
}
