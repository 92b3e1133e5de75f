import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import {
  findJail,
  ISOLATES_FLAG,
  isMadeForIsolates,
  type JailFacts,
  killGroup,
} from "../../sandbox/index.ts";
import type { GatewayConfig, WorkerDrain } from "../config/index.ts";
import type { Handle } from "../listen/address-handle.ts";
import { receiveBatches } from "../traffic/batch/pipe.ts";
import { takeProcess } from "./fork-process.ts";
import { createKvAnswerer } from "./kv-link.ts";
import { BATCH_FD, type FromWorker, type ToWorker, type WorkerStart } from "./messages.ts";
import { methodsOf, type RequestMethods, requests } from "./requests.ts";
import { type SupervisorParts, type Worker, WorkerGoneError } from "./worker.ts";

/** Beyond what a drain takes: who has not ended by then never will. */
const STOP_GRACE_MS = 10_000;

/**
 * An engine in a process of its own, which is handed its connections.
 *
 * @param holdsIsolates Policies may run in it.
 */
export function forkWorker(
  config: GatewayConfig,
  { emit, onBatch, kv, askRates, settleRates, askChallenge, capBook }: SupervisorParts,
  holdsIsolates = false,
): Worker {
  const child = takeProcess(holdsIsolates ? [ISOLATES_FLAG] : []);
  const hosts = new Set<number>();
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const collecting = new Map<number, () => void>();
  const { promise: ended, resolve: settleEnd } = Promise.withResolvers<string>();
  let nextId = 0;
  let nextMark = 0;
  let hasBegun = false;

  const answerKv = createKvAnswerer(kv, (answer) => {
    if (child.connected) child.send({ type: "kv-answer", answer } satisfies ToWorker, () => {});
  });
  const holder = capBook.join((said) => {
    if (child.connected) child.send({ type: "caps", said } satisfies ToWorker, () => {});
  });
  child.on("message", (messages: readonly FromWorker[]) => messages.forEach(receive));
  child.on("error", (error) => {
    // A process that could not be made never exits. One that runs and cannot be reached is of no use either.
    if (child.pid === undefined) end(error.message);
    else child.kill("SIGKILL");
  });
  child.on("exit", (code, signal) => end(signal ?? `code ${code}`));
  // Without descriptors for it there is no process, no pipe and no channel; the error comes by itself.
  const pipe = child.stdio?.[BATCH_FD] as Readable | undefined;
  if (pipe !== undefined) {
    receiveBatches(
      pipe,
      (batch) => {
        if (batch.mark === undefined) return onBatch(batch);
        collecting.get(batch.mark)?.();
        collecting.delete(batch.mark);
      },
      // A worker that writes nonsense is not to be trusted with anything else: its successor takes over.
      () => child.kill("SIGKILL"),
    );
  }

  const begun = begin();
  const methods = methodsOf<RequestMethods>(requests, (name, args) => call((id) => ({ id, name, args })));
  return {
    ...methods,
    pid: child.pid,
    holdsIsolates: holdsIsolates || isMadeForIsolates,
    begun,
    ended,
    async take(key, socket) {
      // Our own copy is kept until it has arrived: another worker can have it otherwise.
      await call((id) => ({ id, take: key }), socket);
      socket.destroy();
    },
    async accept(key, { handle }, backlog) {
      await call((id) => ({ id, accept: key, backlog }), handle);
    },
    async collect() {
      const mark = nextMark++;
      const isHere = new Promise<void>((resolve) => {
        collecting.set(mark, resolve);
      });
      await methods.collect(mark);
      await isHere;
    },
    async stop(drain) {
      if (!hasBegun) kill();
      // In its last moment it may also die: then it has stopped as well.
      else methods.stop(drain).catch(() => {});
      const patience = killInTime(drain);
      await ended;
      clearTimeout(patience);
    },
    kill,
  };

  function receive(message: FromWorker): void {
    if (message.type === "kv") return answerKv(message.question);
    if ("asked" in message) return void answerBooks(message);
    if (message.type === "caps") return holder.hear(message.notes);
    if (message.type === "event") {
      if (message.event.type === "host-started") hosts.add(message.event.pid);
      if (message.event.type === "host-ended") hosts.delete(message.event.pid);
      return emit(message.event);
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "reply") call?.resolve(message.value);
    else call?.reject(Object.assign(new Error(message.message), { code: message.code }));
  }

  async function answerBooks(message: ToBooks): Promise<void> {
    const answer = await askBook(message);
    if (child.connected) child.send(answer, () => {});
  }

  async function askBook({ id, ...message }: ToBooks): Promise<ToWorker> {
    switch (message.type) {
      case "claims":
        return { type: "leases", id, told: await askRates(message.asked) };
      case "settlements":
        return { type: "levels", id, told: await settleRates(message.asked) };
      case "tokens":
        return {
          type: "challenges",
          id,
          told: await Promise.all(message.asked.map((token) => askChallenge?.(token))),
        };
    }
  }

  async function begin(): Promise<void> {
    const jail = await findJail(config.sandbox.host.os);
    await call((id) => ({ id, start: startOf(config, jail.facts) }));
    hasBegun = true;
  }

  function end(how: string): void {
    for (const { reject } of waiting.values()) reject(new WorkerGoneError(`the worker ended (${how})`));
    waiting.clear();
    holder.leave();
    for (const resolve of collecting.values()) resolve();
    // A host ends with its worker's socket, but not one that hangs in a policy at that moment.
    for (const pid of hosts) killGroup(pid);
    if (child.pid !== undefined) emit({ type: "kv-back", pid: child.pid, hasEnded: true });
    settleEnd(how);
  }

  function kill(): void {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  }

  function killInTime({ spreadMs, timeoutMs }: WorkerDrain): NodeJS.Timeout | undefined {
    // Sessions have all the time they want: nobody can tell a patient worker from one that hangs.
    if (timeoutMs === 0) return undefined;
    const { asyncTimeoutMs } = config.sandbox.limits;
    return setTimeout(kill, spreadMs + timeoutMs + asyncTimeoutMs + STOP_GRACE_MS);
  }

  function call(order: (id: number) => ToWorker, handle?: Socket | Handle): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!child.connected) return reject(new WorkerGoneError("the worker cannot be reached"));
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      child.send(order(id), handle as Socket | undefined, { keepOpen: true }, (error) => {
        if (error !== null && waiting.delete(id)) reject(new WorkerGoneError(error.message));
      });
    });
  }
}

/** Asks what lies with the supervisor. */
type ToBooks = Extract<FromWorker, { readonly asked: unknown }>;

/** What of the config a worker process has to know. */
function startOf(config: GatewayConfig, jail: JailFacts): WorkerStart {
  const { sandbox, maxConnections, workers, traces, traffic, kv, cluster } = config;
  return {
    jail,
    sharesLimits: workers > 1 || cluster !== undefined,
    ...(kv.url !== undefined && { kvUrl: kv.url }),
    config: {
      sandbox,
      maxConnections,
      workers,
      traffic,
      ...(traces && { traces }),
    },
  };
}
