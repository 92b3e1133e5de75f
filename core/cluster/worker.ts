import cluster, { type Worker as ClusterWorker } from "node:cluster";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { PolicyStats } from "../../sandbox/contract.ts";
import type { createSandbox, KvStore } from "../../sandbox/index.ts";
import type { DrainConfig, GatewayConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import { createEngineMetrics, type MetricsJson } from "../metrics/engine-metrics.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import { receiveBatches } from "../traffic/batch/pipe.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import { createEngine, type Plan, type PlanFailure } from "./engine.ts";
import { createKvAnswerer } from "./kv-link.ts";
import type { LiveSession, RouteTraffic } from "./live-view.ts";
import {
  batchFd,
  type FromWorker,
  type ToWorker,
  type WorkerReplies,
  type WorkerRequest,
} from "./messages.ts";
import { createPulse, type WorkerPulse } from "./pulse.ts";

/** An engine, wherever it runs, as the supervisor handles it. */
export interface Worker {
  apply(plan: Plan): Promise<readonly PlanFailure[]>;
  listen(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  metrics(): Promise<MetricsJson>;
  /** Settles when `onBatch` has had all that was recorded so far. */
  collect(): Promise<void>;
  traffic(): Promise<readonly RouteTraffic[]>;
  sessions(id?: string): Promise<readonly LiveSession[]>;
  closeSession(id: string, status: CloseStatus): Promise<boolean>;
  /** What the policies did since the worker's start. */
  policyStats(): Promise<readonly PolicyStats[]>;
  /** Since the last call. */
  pulse(): Promise<WorkerPulse>;
  stop(drain: DrainConfig): Promise<void>;
}

/** Who hears what a worker has to say. */
export interface Listeners {
  readonly emit: EmitEvent;
  onBatch(batch: Batch): void;
  readonly kv: KvStore;
}

/** What a worker in this process can be made of. */
export interface LocalParts {
  /** Default: the sandbox. */
  readonly newSandbox?: typeof createSandbox;
}

/** An engine in this process: for embedding and tests (`workers: 0`). */
export async function createLocalWorker(
  config: GatewayConfig,
  { emit, onBatch, kv, newSandbox }: Listeners & LocalParts,
): Promise<Worker> {
  const metrics = createEngineMetrics(() => engine);
  const engine = await createEngine(
    config,
    (event) => {
      metrics.observe(event);
      emit(event);
    },
    {
      take(batch) {
        onBatch(batch);
        return true;
      },
      spare: () => undefined,
    },
    kv,
    newSandbox,
  );
  let pulse: (() => WorkerPulse) | undefined;
  return {
    ...engine,
    metrics: () => metrics.collect(),
    collect: async () => engine.flushRecords(),
    policyStats: async () => engine.sandboxStats().policies,
    async pulse() {
      pulse ??= createPulse(engine);
      return pulse();
    },
    traffic: async () => engine.traffic(),
    sessions: async (id) => engine.sessions(id),
    closeSession: async (id, status) => engine.closeSession(id, status),
  };
}

/**
 * An engine in a process of its own, which accepts connections of the shared listeners.
 *
 * @param onDeath called when the process ends before it was told to
 */
export async function forkWorker(
  config: GatewayConfig,
  { emit, onBatch, kv }: Listeners,
  onDeath: () => void,
): Promise<Worker> {
  const entry = new URL(`./worker-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  // The standard three, Node's own channel, and the recorder's pipe (`batchFd`).
  const stdio = ["inherit", "inherit", "inherit", "ipc", "pipe"] as const;
  cluster.setupPrimary({
    exec: fileURLToPath(entry),
    args: [],
    serialization: "advanced",
    stdio: [...stdio],
  });
  const child: ClusterWorker = cluster.fork();
  const hosts = new Set<number>();
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let nextId = 0;
  let nextMark = 0;
  let isStopping = false;

  const collecting = new Map<number, () => void>();
  const pipe = child.process.stdio[batchFd] as Readable;
  receiveBatches(
    pipe,
    (batch) => {
      if (batch.mark === undefined) return onBatch(batch);
      collecting.get(batch.mark)?.();
      collecting.delete(batch.mark);
    },
    // A worker that writes nonsense is not to be trusted with anything else: its successor takes over.
    () => child.process.kill("SIGKILL"),
  );
  const answerKv = createKvAnswerer(kv, (answer) => {
    if (child.isConnected()) child.send({ type: "kv-answer", answer } satisfies ToWorker, () => {});
  });
  child.on("message", (message: FromWorker) => {
    if (message.type === "kv") return answerKv(message.question);
    if (message.type === "event") {
      if (message.event.type === "host-started") hosts.add(message.event.pid);
      if (message.event.type === "host-ended") hosts.delete(message.event.pid);
      return emit(message.event);
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "reply") call?.resolve(message.value as never);
    else call?.reject(Object.assign(new Error(message.message), { code: message.code }));
  });
  child.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  child.on("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the worker ended (${signal ?? code})`));
    waiting.clear();
    for (const resolve of collecting.values()) resolve();
    for (const pid of hosts) endOrphan(pid);
    if (!isStopping) onDeath();
  });

  const {
    sandbox,
    trustedProxies,
    traces,
    traffic,
    kv: { url },
  } = config;
  await ask({
    type: "start",
    ...(url !== undefined && { kvUrl: url }),
    config: { sandbox, traffic, ...(trustedProxies && { trustedProxies }), ...(traces && { traces }) },
  });
  return {
    apply: (plan) => ask({ type: "apply", plan }),
    listen: (plans) => ask({ type: "listen", plans }),
    metrics: () => ask({ type: "metrics" }),
    async collect() {
      const mark = nextMark++;
      const isHere = new Promise<void>((resolve) => {
        collecting.set(mark, resolve);
      });
      await ask({ type: "collect", mark });
      await isHere;
    },
    traffic: () => ask({ type: "traffic" }),
    sessions: (id) => ask({ type: "sessions", ...(id !== undefined && { id }) }),
    closeSession: (id, status) => ask({ type: "close-session", id, status }),
    policyStats: () => ask({ type: "policy-stats" }),
    pulse: () => ask({ type: "pulse" }),
    async stop(drain) {
      isStopping = true;
      if (child.isDead()) return;
      const exited = new Promise((resolve) => child.once("exit", resolve));
      await ask({ type: "stop", drain });
      await exited;
    },
  };

  function ask<Request extends WorkerRequest>(request: Request): Promise<WorkerReplies[Request["type"]]> {
    return new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      child.send({ id, request } satisfies ToWorker, (error) => {
        if (error !== null && waiting.delete(id)) reject(error);
      });
    });
  }
}

/** A host ends with its worker's socket, but not one that hangs in a policy at that moment. */
function endOrphan(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
