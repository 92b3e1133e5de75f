import cluster, { type Worker as ClusterWorker } from "node:cluster";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { GatewayConfig } from "../config/index.ts";
import { receiveBatches } from "../traffic/batch/pipe.ts";
import { createKvAnswerer } from "./kv-link.ts";
import { BATCH_FD, type FromWorker, type ToWorker, type WorkerStart } from "./messages.ts";
import { methodsOf, type RequestMethods, requests } from "./requests.ts";
import type { SupervisorParts, Worker } from "./worker.ts";

/**
 * An engine in a process of its own, which accepts connections of the shared listeners.
 *
 * @param onDeath called when the process ends before it was told to
 */
export async function forkWorker(
  config: GatewayConfig,
  { emit, onBatch, kv }: SupervisorParts,
  onDeath: () => void,
): Promise<Worker> {
  const entry = new URL(`./worker-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  // The standard three, Node's own channel, and the recorder's pipe (`BATCH_FD`).
  const stdio = ["inherit", "inherit", "inherit", "ipc", "pipe"] as const;
  cluster.setupPrimary({
    exec: fileURLToPath(entry),
    args: [],
    serialization: "advanced",
    stdio: [...stdio],
  });
  const child: ClusterWorker = cluster.fork();
  const hosts = new Set<number>();
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 0;
  let nextMark = 0;
  let isStopping = false;

  const collecting = new Map<number, () => void>();
  const pipe = child.process.stdio[BATCH_FD] as Readable;
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
    if (message.type === "reply") call?.resolve(message.value);
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

  await call((id) => ({ id, start: startOf(config) }));
  const methods = methodsOf<RequestMethods>(requests, (name, args) => call((id) => ({ id, name, args })));
  return {
    ...methods,
    async collect() {
      const mark = nextMark++;
      const isHere = new Promise<void>((resolve) => {
        collecting.set(mark, resolve);
      });
      await methods.collect(mark);
      await isHere;
    },
    async stop(drain) {
      isStopping = true;
      if (child.isDead()) return;
      const exited = new Promise((resolve) => child.once("exit", resolve));
      await methods.stop(drain);
      await exited;
    },
  };

  function call(order: (id: number) => ToWorker): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      child.send(order(id), (error) => {
        if (error !== null && waiting.delete(id)) reject(error);
      });
    });
  }
}

/** What of the config a worker process has to know. */
function startOf({ sandbox, trustedProxies, traces, traffic, kv: { url } }: GatewayConfig): WorkerStart {
  return {
    ...(url !== undefined && { kvUrl: url }),
    config: { sandbox, traffic, ...(trustedProxies && { trustedProxies }), ...(traces && { traces }) },
  };
}

/** A host ends with its worker's socket, but not one that hangs in a policy at that moment. */
function endOrphan(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
