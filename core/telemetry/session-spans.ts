import type { GatewayEvent, SessionEndEvent, SpanContext } from "../events.ts";
import { messageSpans } from "./message-spans.ts";
import {
  type OtlpEvent,
  type OtlpSpan,
  SPAN_KIND,
  STATUS_CODE,
  toAttributes,
  toNanoseconds,
} from "./otlp.ts";

/** Sessions with a span. Of more, the oldest are forgotten: a worker that died will never tell their end. */
const MAX_OPEN = 100_000;
/** More faults of one session are counted and not told. */
const MAX_EVENTS = 32;

interface OpenSpan {
  readonly context: SpanContext;
  readonly startedAt: number;
  readonly start: Extract<GatewayEvent, { type: "session-start" }>;
  readonly events: OtlpEvent[];
  faults: number;
  /** How its client was held before it had a server; undefined: it was not. */
  hold: Extract<GatewayEvent, { type: "hold-ended" }> | undefined;
}

/** Makes spans of what happens: one a session, one an upgrade that was refused, and those of messages that are sampled. */
export interface SessionSpans {
  observe(event: GatewayEvent): void;
}

/**
 * @param policiesOf the chain of a route
 * @param onMissed so many messages have no spans because there were too many
 */
export function createSessionSpans(
  send: (span: OtlpSpan) => void,
  policiesOf: (route: string) => readonly string[],
  onMissed: (messages: number) => void,
  now: () => number = Date.now,
): SessionSpans {
  const open = new Map<string, OpenSpan>();

  return {
    observe(event) {
      switch (event.type) {
        case "session-start":
          if (event.trace?.isSampled) begin(event, event.trace);
          return;
        case "hold-ended":
          return addHold(event);
        case "policy-fault":
          return addFault(event);
        case "message-traced":
          return addMessage(event);
        case "session-end":
          return end(event);
        case "upgrade-refused":
          if (event.trace?.isSampled) send(refusedSpan(event, event.trace, now()));
      }
    },
  };

  function begin(start: OpenSpan["start"], context: SpanContext): void {
    const [oldest] = open.size >= MAX_OPEN ? open.keys() : [];
    if (oldest !== undefined) open.delete(oldest);
    open.set(start.id, {
      context,
      startedAt: now() - start.durationMs,
      start,
      events: [],
      faults: 0,
      hold: undefined,
    });
  }

  function addHold(hold: NonNullable<OpenSpan["hold"]>): void {
    const span = open.get(hold.id);
    if (span !== undefined) span.hold = hold;
  }

  function addFault({ fault, session }: Extract<GatewayEvent, { type: "policy-fault" }>): void {
    const span = open.get(session);
    if (span === undefined || ++span.faults > MAX_EVENTS) return;
    span.events.push({
      timeUnixNano: toNanoseconds(now()),
      name: "exception",
      attributes: toAttributes({
        "exception.type": fault.reason,
        "exception.message": fault.message,
        "exception.stacktrace": fault.stack,
        "framegate.policy": fault.policy,
        "framegate.policy.version": fault.version,
        "framegate.hook": fault.hook,
      }),
    });
  }

  function addMessage(message: Extract<GatewayEvent, { type: "message-traced" }>): void {
    if (message.missed > 0) onMissed(message.missed);
    const span = open.get(message.id);
    if (span !== undefined) for (const each of messageSpans(message, span.context)) send(each);
  }

  function end(event: SessionEndEvent): void {
    const span = open.get(event.id);
    if (span === undefined) return;
    open.delete(event.id);
    const { start, context, startedAt, events, faults, hold } = span;
    const isError = event.code === 1011 || (event.code === 1006 && event.initiator === "gateway");
    send({
      ...identify(context),
      name: `websocket ${start.route}`,
      kind: SPAN_KIND.server,
      startTimeUnixNano: toNanoseconds(startedAt),
      endTimeUnixNano: toNanoseconds(startedAt + start.durationMs + event.durationMs),
      attributes: toAttributes({
        ...requestAttributes(start),
        "http.response.status_code": 101,
        // When it began one that was held had none.
        "framegate.server": event.server,
        ...(hold && holdAttributes(hold)),
        "framegate.policies": policiesOf(start.route),
        "framegate.subprotocol": start.subprotocol,
        "framegate.upgrade.duration_ms": start.durationMs,
        "framegate.close.code": event.code,
        "framegate.close.reason": event.reason,
        "framegate.close.initiator": event.initiator,
        "framegate.close.cause": event.cause,
        "framegate.close.rule": event.rule,
        "framegate.close.policy": event.policy,
        "framegate.close.policy.version": event.version,
        "framegate.messages.client": event.messages.client,
        "framegate.messages.server": event.messages.server,
        "framegate.bytes.client": event.bytes.client,
        "framegate.bytes.server": event.bytes.server,
      }),
      events,
      ...(faults > MAX_EVENTS && { droppedEventsCount: faults - MAX_EVENTS }),
      status: isError ? { code: STATUS_CODE.error, message: event.reason } : {},
    });
  }
}

function refusedSpan(
  event: Extract<GatewayEvent, { type: "upgrade-refused" }>,
  context: SpanContext,
  now: number,
): OtlpSpan {
  return {
    ...identify(context),
    name: event.route === "" ? "websocket" : `websocket ${event.route}`,
    kind: SPAN_KIND.server,
    startTimeUnixNano: toNanoseconds(now - event.durationMs),
    endTimeUnixNano: toNanoseconds(now),
    attributes: toAttributes({
      ...requestAttributes(event),
      "http.response.status_code": event.status,
      "error.type": event.code,
    }),
    events: [],
    // A client's own mistake is no error of the gateway's.
    status: event.status >= 500 ? { code: STATUS_CODE.error, message: event.detail } : {},
  };
}

function holdAttributes({ outcome, policy, tries, durationMs }: NonNullable<OpenSpan["hold"]>) {
  return {
    "framegate.hold.outcome": outcome,
    "framegate.hold.policy": policy,
    "framegate.hold.tries": tries,
    "framegate.hold.duration_ms": durationMs,
  };
}

function identify({ traceId, spanId, parentId }: SpanContext): Pick<OtlpSpan, "traceId" | "spanId"> {
  return { traceId, spanId, ...(parentId !== "" && { parentSpanId: parentId }) };
}

function requestAttributes(event: { id: string; route: string; path: string; client: string }): {
  readonly [key: string]: string;
} {
  return {
    "http.request.method": "GET",
    "http.route": event.route,
    "url.path": event.path,
    "client.address": event.client,
    "network.protocol.name": "websocket",
    "framegate.session": event.id,
  };
}
