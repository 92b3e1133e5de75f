import type { RecordingConfig, RouteConfig } from "../config/index.ts";
import type { SessionEndEvent } from "../events.ts";
import type { RequestObserver } from "../http/request-observer.ts";
import type { ObservedExchange } from "../request/exchange.ts";
import type { TrafficTap } from "../session/tap/traffic-tap.ts";
import type { UpgradeObserver } from "../upgrade/upgrade-observer.ts";
import { type BatchTaker, BatchWriter } from "./batch/batch-writer.ts";
import { joinTaps } from "./joined-taps.ts";
import { SessionRecorder, sessionNumber } from "./recorder.ts";
import { isInSample, type RecordChoice, RecordChoices } from "./switches/record-choice.ts";
import type { RecordingSwitch, SwitchCount } from "./switches/recording-switch.ts";

/** The recorder of one worker: says what of its traffic is wanted, and takes it down. */
export interface EngineRecorder extends UpgradeObserver, RequestObserver {
  /** Undefined: nobody wants this session's traffic. */
  open(id: string, route: RouteConfig): TrafficTap | undefined;
  end(event: SessionEndEvent, route: RouteConfig): void;
  /** What operators say from now on, of these sessions too: of each from its next frame on, either way. */
  switchTo(switches: readonly RecordingSwitch[], open: Iterable<TappedSession>): void;
  /** What the switches have brought here. */
  switchCounts(): readonly SwitchCount[];
  flush(): void;
}

/** An open session, which can be told whom to tell. */
export interface TappedSession {
  readonly id: string;
  readonly route: string;
  tellTo(tap: TrafficTap | undefined): void;
}

/** A session of which something is recorded, or would be if operators had not said otherwise. */
interface Recorded {
  /** What its upgrade came by and to said; `false`: the config does not record it. */
  readonly configured: RecordingConfig;
  choice: RecordChoice | undefined;
  /** Once there has been a choice. */
  kept: SessionRecorder | undefined;
  logged: SessionRecorder | undefined;
}

/** @param worker the part that all ids of this worker's sessions begin with */
export function createEngineRecorder(worker: string, taker: BatchTaker): EngineRecorder {
  const kept = new BatchWriter(worker, "store", taker);
  const logged = new BatchWriter(worker, "log", taker);
  const choices = new RecordChoices();
  const sessions = new Map<string, Recorded>();

  return {
    wants: (exchange) => choiceOf(exchange) !== undefined || logsUpgrade(exchange),
    take({ id, route, time, notes, ...report }, exchange) {
      const place = { route, session: sessionNumber(id), origin: "client", sequence: 0, time } as const;
      const record = { kind: "upgrade", ...report, ...notes };
      const choice = choiceOf(exchange);
      if (choice !== undefined) writerOf(choice).json(place, record);
      const configured = isConfigured(exchange) && exchange.recording;
      if (report.status === 101 && (choice !== undefined || configured !== false))
        sessions.set(id, { configured, choice, kept: undefined, logged: undefined });
      if (logsUpgrade(exchange)) logged.json(place, record);
    },
    takeRequest({ id, route, time, ...report }, exchange) {
      const choice = choiceOf(exchange);
      if (choice === undefined) return;
      const place = { route, session: sessionNumber(id), origin: "client", sequence: 0, time } as const;
      writerOf(choice).json(place, { kind: "request", ...report });
    },
    open(id, route) {
      let recorded = sessions.get(id);
      if (logsPayloads(route)) {
        recorded ??= addSession(id);
        const target = { writer: logged, keepBytes: route.routeLog.payloadBytes };
        recorded.logged = new SessionRecorder({ id, route: route.name }, target);
      }
      return recorded && tapOf({ id, route: route.name }, recorded);
    },
    end(event, config) {
      const choice = sessions.get(event.id)?.choice;
      sessions.delete(event.id);
      if (choice === undefined && !logsPayloads(config)) return;
      const { type, id, route, ...end } = event;
      const session = sessionNumber(id);
      const place = { route, session, origin: "client", sequence: 0, time: Date.now() } as const;
      if (choice !== undefined) writerOf(choice).json(place, { kind: "close", ...end });
      if (logsPayloads(config)) logged.json(place, { kind: "close", ...end });
    },
    switchTo(switches, open) {
      if (!choices.update(switches)) return;
      for (const session of open) {
        const { id, route } = session;
        const known = sessions.get(id);
        const choice = choices.of(sessionNumber(id), route, known?.configured ?? false);
        if (isSame(choice, known?.choice)) continue;
        const recorded = known ?? addSession(id);
        recorded.choice = choice;
        session.tellTo(tapOf(session, recorded));
      }
    },
    switchCounts: () => choices.counts(),
    flush() {
      kept.flush();
      logged.flush();
    },
  };

  /** By the operators' word, or the route's, or the listener's; what comes to no route has only the first and the last. */
  function choiceOf({ id, recording, routed }: ObservedExchange): RecordChoice | undefined {
    return choices.of(sessionNumber(id), routed?.config.name, recording);
  }

  function addSession(id: string): Recorded {
    const added: Recorded = { configured: false, choice: undefined, kept: undefined, logged: undefined };
    sessions.set(id, added);
    return added;
  }

  function tapOf(session: Pick<TappedSession, "id" | "route">, recorded: Recorded): TrafficTap | undefined {
    const { choice, logged: log } = recorded;
    if (choice === undefined) return log;
    const target = { writer: writerOf(choice), keepBytes: choice.keepBytes };
    if (recorded.kept === undefined) recorded.kept = new SessionRecorder(session, target);
    else recorded.kept.aim(target);
    return log === undefined ? recorded.kept : joinTaps([recorded.kept, log]);
  }

  function writerOf({ meter }: RecordChoice) {
    return meter === undefined ? kept : meter.before(kept);
  }
}

function isConfigured({ id, recording }: ObservedExchange): boolean {
  return recording !== false && isInSample(sessionNumber(id), recording.sample);
}

function isSame(one: RecordChoice | undefined, other: RecordChoice | undefined): boolean {
  return one?.keepBytes === other?.keepBytes && one?.meter === other?.meter;
}

function logsUpgrade({ routed }: ObservedExchange): boolean {
  return routed !== undefined && logsPayloads(routed.config);
}

function logsPayloads({ routeLog }: RouteConfig): boolean {
  return routeLog.payloads.length > 0;
}
