import { createEngineMetrics, type EngineMetrics } from "../metrics/engine-metrics.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { FromWorker, ToWorker, WorkerReplies, WorkerRequest } from "./messages.ts";

/** The entry of a worker process: an engine that does what the supervisor says. It ends when the supervisor does. */
let engine: Engine | undefined;
let metrics: EngineMetrics | undefined;

process.on("message", ({ id, request }: ToWorker) => {
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
    metrics = createEngineMetrics(
      () => engine?.traffic() ?? [],
      () => engine?.upstreamHealth() ?? [],
    );
    engine = await createEngine(request.config, (event) => {
      metrics?.observe(event);
      send({ type: "event", event });
    });
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
    case "vitals":
      return engine.vitals();
    case "sessions":
      return engine.sessions(request.id);
    case "close-session":
      return engine.closeSession(request.id, request.status);
    case "stop":
      await engine.stop(request.drain);
      return true;
  }
}

function send(message: FromWorker): void {
  // The callback takes the error of a supervisor that has just gone: `disconnect` follows.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
