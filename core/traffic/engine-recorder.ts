import type { RouteConfig } from "../config/index.ts";
import type { SessionEndEvent } from "../events.ts";
import type { TrafficSink, TrafficTap } from "../session/tap/traffic-tap.ts";
import type { UpgradeObserver } from "../upgrade/upgrade-observer.ts";
import { type BatchTaker, BatchWriter } from "./batch/batch-writer.ts";
import { recordSession, sessionNumber } from "./recorder.ts";

/** The recorder of one worker: says what of its traffic is wanted, and takes it down. */
export interface EngineRecorder extends UpgradeObserver {
  /** The routes there are now. */
  update(routes: readonly RouteConfig[]): void;
  /** Undefined: nobody wants this session's traffic. */
  open(id: string, route: RouteConfig): TrafficTap | undefined;
  end(event: SessionEndEvent, route: RouteConfig): void;
  flush(): void;
}

/** @param worker the part that all ids of this worker's sessions begin with */
export function createEngineRecorder(worker: string, taker: BatchTaker): EngineRecorder {
  const kept = new BatchWriter(worker, "store", taker);
  const logged = new BatchWriter(worker, "log", taker);
  let isAnyRecorded = false;

  return {
    update(routes) {
      isAnyRecorded = routes.some(({ recording }) => recording !== false);
    },
    wants: (id, route) => isKept(id, route) || (route !== undefined && logsPayloads(route)),
    take({ id, route, time, notes, ...report }, config) {
      const place = { route, session: sessionNumber(id), origin: "client", sequence: 0, time } as const;
      const record = { kind: "upgrade", ...report, ...notes };
      if (isKept(id, config)) kept.json(place, record);
      if (config !== undefined && logsPayloads(config)) logged.json(place, record);
    },
    open(id, route) {
      const { recording, routeLog } = route;
      const session = { id, route: route.name };
      const taps: TrafficTap[] = [];
      if (recording !== false && isSampled(id, route)) {
        taps.push(recordSession(kept, { ...session, keepBytes: recording.payloadBytes }));
      }
      if (logsPayloads(route)) {
        taps.push(recordSession(logged, { ...session, keepBytes: routeLog.payloadBytes }));
      }
      return taps.length < 2 ? taps[0] : { client: both(taps, "client"), server: both(taps, "server") };
    },
    end(event, config) {
      const { type, id, route, ...end } = event;
      const session = sessionNumber(id);
      const place = { route, session, origin: "client", sequence: 0, time: Date.now() } as const;
      if (isSampled(id, config)) kept.json(place, { kind: "close", ...end });
      if (logsPayloads(config)) logged.json(place, { kind: "close", ...end });
    },
    flush() {
      kept.flush();
      logged.flush();
    },
  };

  function isKept(id: string, route: RouteConfig | undefined): boolean {
    return route === undefined ? isAnyRecorded : isSampled(id, route);
  }
}

function logsPayloads({ routeLog }: RouteConfig): boolean {
  return routeLog.payloads.length > 0;
}

/** The same answer for all there is of one session, so that it is recorded as a whole. */
function isSampled(id: string, { recording }: RouteConfig): boolean {
  if (recording === false) return false;
  // Knuth's multiplicative hash: ids are counted up, and samples should not be runs of them.
  const spread = Math.imul(sessionNumber(id) + 1, 2654435761) >>> 0;
  return spread / 2 ** 32 < recording.sample;
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
