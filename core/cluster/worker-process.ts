import { Socket } from "node:net";
import { createRedisKv, type KvStore } from "../../sandbox/index.ts";
import type { EmitEvent } from "../events.ts";
import { createEngineMetrics, type EngineMetrics } from "../metrics/engine-metrics.ts";
import { BatchOutbox } from "../traffic/batch/batch-outbox.ts";
import { createEngine, type Engine } from "./engine.ts";
import { createDistantKv } from "./kv-link.ts";
import {
  batchFd,
  type FromWorker,
  type ToWorker,
  type WorkerReplies,
  type WorkerRequest,
} from "./messages.ts";
import { createPulse, type WorkerPulse } from "./pulse.ts";

/** The entry of a worker process: an engine that does what the supervisor says. It ends when the supervisor does. */
let engine: Engine | undefined;
let outbox: BatchOutbox | undefined;
let metrics: EngineMetrics | undefined;
let pulse: (() => WorkerPulse) | undefined;

const distantKv = createDistantKv((question) => send({ type: "kv", question }));

process.on("message", (message: ToWorker) => {
  if ("answer" in message) return distantKv.take(message.answer);
  const { id, request } = message;
  carryOut(request).then(
    (value) => {
      send({ type: "reply", id, value });
      if (request.type === "stop") process.disconnect();
    },
    (error: NodeJS.ErrnoException) => {
      send({ type: "failed", id, code: error.code ?? "", message: error.message });
    },
  );
});
process.on("disconnect", () => process.exit(0));
// The terminal sends these to the whole group: it is the supervisor that says when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("SIGHUP", () => {});

async function carryOut(request: WorkerRequest): Promise<WorkerReplies[keyof WorkerReplies]> {
  if (request.type === "start") {
    metrics = createEngineMetrics(() => engine, "worker");
    const emit: EmitEvent = (event) => {
      metrics?.observe(event);
      send({ type: "event", event });
    };
    const pipe = new Socket({ fd: batchFd, readable: false, writable: true });
    // A supervisor that has gone: `disconnect` follows.
    pipe.on("error", () => {}).unref();
    const { file, maxBytes, maxRecords } = request.config.traffic;
    outbox = new BatchOutbox({ pipe, maxBytes, maxRecords, sendsAll: file !== undefined });
    engine = await createEngine(request.config, emit, outbox, await openKv(request.kvUrl, emit));
    return true;
  }
  if (engine === undefined || metrics === undefined) throw new Error(`${request.type} before start`);
  switch (request.type) {
    case "apply":
      return engine.apply(request.plan);
    case "listen":
      return engine.listen(request.plans);
    case "metrics":
      return metrics.collect();
    case "collect":
      engine.flushRecords();
      outbox?.collect(request.mark);
      return true;
    case "traffic":
      return engine.traffic();
    case "sessions":
      return engine.sessions(request.id);
    case "close-session":
      return engine.closeSession(request.id, request.status);
    case "policy-stats":
      return engine.sandboxStats().policies;
    case "pulse":
      pulse ??= createPulse(engine);
      return pulse();
    case "stop":
      await engine.stop(request.drain);
      return true;
  }
}

/** Redis is the same from everywhere; memory is the supervisor's, so that a limit holds over all workers. */
async function openKv(url: string | undefined, emit: EmitEvent): Promise<KvStore> {
  if (url === undefined) return distantKv.store;
  return createRedisKv(url, {
    onProblem(text) {
      emit({ type: "policy-log", line: { level: "error", policy: "", route: "", session: "", text } });
    },
  });
}

function send(message: FromWorker): void {
  // The callback takes the error of a supervisor that has just gone: `disconnect` follows.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
