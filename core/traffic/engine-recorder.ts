import type { RecordingConfig, RouteConfig } from "../config/index.ts";
import type { SessionEndEvent } from "../events.ts";
import type { RequestObserver } from "../http/request-observer.ts";
import type { ObservedExchange } from "../request/exchange.ts";
import type { TrafficSink, TrafficTap } from "../session/tap/traffic-tap.ts";
import type { UpgradeObserver } from "../upgrade/upgrade-observer.ts";
import { type BatchTaker, BatchWriter } from "./batch/batch-writer.ts";
import { recordSession, sessionNumber } from "./recorder.ts";

/** The recorder of one worker: says what of its traffic is wanted, and takes it down. */
export interface EngineRecorder extends UpgradeObserver, RequestObserver {
  /** Undefined: nobody wants this session's traffic. */
  open(id: string, route: RouteConfig): TrafficTap | undefined;
  end(event: SessionEndEvent, route: RouteConfig): void;
  flush(): void;
}

/** @param worker the part that all ids of this worker's sessions begin with */
export function createEngineRecorder(worker: string, taker: BatchTaker): EngineRecorder {
  const kept = new BatchWriter(worker, "store", taker);
  const logged = new BatchWriter(worker, "log", taker);
  /** Sessions that are recorded, as what their upgrade came by and to said it. */
  const sessions = new Map<string, Exclude<RecordingConfig, false>>();

  return {
    wants: (exchange) => isSampled(exchange) || logsUpgrade(exchange),
    take({ id, route, time, notes, ...report }, exchange) {
      const place = { route, session: sessionNumber(id), origin: "client", sequence: 0, time } as const;
      const record = { kind: "upgrade", ...report, ...notes };
      const isKept = isSampled(exchange);
      if (isKept) kept.json(place, record);
      if (isKept && exchange.recording !== false && report.status === 101)
        sessions.set(id, exchange.recording);
      if (logsUpgrade(exchange)) logged.json(place, record);
    },
    takeRequest({ id, route, time, ...report }, exchange) {
      if (!isSampled(exchange)) return;
      const place = { route, session: sessionNumber(id), origin: "client", sequence: 0, time } as const;
      kept.json(place, { kind: "request", ...report });
    },
    open(id, route) {
      const { routeLog } = route;
      const session = { id, route: route.name };
      const taps: TrafficTap[] = [];
      const recording = sessions.get(id);
      if (recording !== undefined) {
        taps.push(recordSession(kept, { ...session, keepBytes: recording.payloadBytes }));
      }
      if (logsPayloads(route)) {
        taps.push(recordSession(logged, { ...session, keepBytes: routeLog.payloadBytes }));
      }
      return taps.length < 2 ? taps[0] : joined(taps);
    },
    end(event, config) {
      const { type, id, route, ...end } = event;
      const session = sessionNumber(id);
      const place = { route, session, origin: "client", sequence: 0, time: Date.now() } as const;
      if (sessions.delete(id)) kept.json(place, { kind: "close", ...end });
      if (logsPayloads(config)) logged.json(place, { kind: "close", ...end });
    },
    flush() {
      kept.flush();
      logged.flush();
    },
  };
}

function logsUpgrade({ routed }: ObservedExchange): boolean {
  return routed !== undefined && logsPayloads(routed.config);
}

function logsPayloads({ routeLog }: RouteConfig): boolean {
  return routeLog.payloads.length > 0;
}

/** By the route's word or the listener's; what comes to no route has only the latter. */
function isSampled(exchange: ObservedExchange): boolean {
  const { recording } = exchange;
  if (recording === false) return false;
  // Knuth's multiplicative hash: ids are counted up, and samples should not be runs of them.
  const spread = Math.imul(sessionNumber(exchange.id) + 1, 2654435761) >>> 0;
  return spread / 2 ** 32 < recording.sample;
}

function joined(taps: readonly TrafficTap[]): TrafficTap {
  return {
    client: both(taps, "client"),
    server: both(taps, "server"),
    hook(note) {
      for (const tap of taps) tap.hook(note);
    },
  };
}

function both(taps: readonly TrafficTap[], origin: "client" | "server"): TrafficSink {
  const sinks = taps.map((tap) => tap[origin]);
  return {
    keepBytes: Math.max(...sinks.map(({ keepBytes }) => keepBytes)),
    frames(run) {
      for (const sink of sinks) sink.frames(run);
    },
    frame(frame) {
      for (const sink of sinks) sink.frame(frame);
    },
    message(...message) {
      for (const sink of sinks) sink.message(...message);
    },
  };
}
