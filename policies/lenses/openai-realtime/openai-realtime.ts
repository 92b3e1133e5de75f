import type { CloseVerdict, JsonObject, Upgrade } from "framegate/policy";
import { isObject } from "../../is-object.ts";
import { offeredSubprotocols } from "../../standard/lib/tokens.ts";
import { lookalikeCheck, readJson } from "../lib/json-text.ts";
import { createLens, type LensHooks, type LensOptions } from "../lib/lens.ts";
import type { AnySession, Dialect, LensHandlers, ProtocolParts } from "../lib/protocol.ts";
import {
  CLIENT_EVENTS,
  type RealtimeEvent,
  type RealtimeEventOf,
  requireFields,
  SERVER_EVENTS,
} from "./events.ts";

type EventsOf<Table> = { readonly [Type in keyof Table & string]: RealtimeEventOf<Table, Type> };

export interface OpenaiRealtimeProtocol {
  readonly client: EventsOf<typeof CLIENT_EVENTS>;
  readonly server: EventsOf<typeof SERVER_EVENTS>;
  /** Those that have no handler of their own, and such as are not in the tables: the protocol grows. */
  readonly both: { readonly event: RealtimeEvent };
}

/** The Realtime API of OpenAI over WebSocket, and what others serve that is compatible with it: events, each a JSON text. */
export function openaiRealtime<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<OpenaiRealtimeProtocol, Options, Session>,
  options: LensOptions = {},
): LensHooks<Options, Session> {
  return createLens<OpenaiRealtimeProtocol, Options, Session>(parts, handlers, options);
}

const SUBPROTOCOL = "realtime";

/** Browsers offer it, beside one that holds their key; other clients offer none. */
const upgrade: Upgrade = ({ request }) => {
  const offered = offeredSubprotocols(request);
  if (offered.length === 0 || offered.includes(SUBPROTOCOL)) return;
  return { reject: { status: 400, body: `offer the subprotocol ${SUBPROTOCOL}` } };
};

const FOREIGN: CloseVerdict = { code: 1008, reason: "an event is expected" };

function speak(table: typeof CLIENT_EVENTS | typeof SERVER_EVENTS): Dialect<RealtimeEvent> {
  return {
    read(context) {
      const event = readJson(context);
      requireEvent(event, table);
      return { packets: [event] };
    },
    kindOf: ({ type }) => type,
    write: (packets) =>
      packets.map((event) => {
        requireEvent(event, table);
        return JSON.stringify(event);
      }),
    filter: (types) => (types.includes(OTHERS) ? undefined : { json: { type: types } }),
    foreign: FOREIGN,
  };
}

const OTHERS = "event";
const NAMES = ["type", "event_id"];
const refuseLookalikes = lookalikeCheck(NAMES);
/** By the type of an event that has fields of its own. */
const fieldChecks = new Map(
  [CLIENT_EVENTS, SERVER_EVENTS].flatMap((table) =>
    Object.entries(table).map(([type, fields]) => [type, lookalikeCheck([...NAMES, ...Object.keys(fields)])]),
  ),
);

function requireEvent(
  value: unknown,
  table: typeof CLIENT_EVENTS | typeof SERVER_EVENTS,
): asserts value is RealtimeEvent {
  const { type, event_id } = (isObject(value) ? value : {}) as Partial<RealtimeEvent>;
  const hasId = event_id === undefined || event_id === null || typeof event_id === "string";
  if (typeof type !== "string" || !hasId) throw new TypeError("expected an event");
  (fieldChecks.get(type) ?? refuseLookalikes)(value as object);
  requireFields(value as RealtimeEvent, table);
}

const parts: ProtocolParts<OpenaiRealtimeProtocol> = {
  name: "openaiRealtime",
  kinds: {
    client: Object.keys(CLIENT_EVENTS) as (keyof typeof CLIENT_EVENTS)[],
    server: Object.keys(SERVER_EVENTS) as (keyof typeof SERVER_EVENTS)[],
    both: [OTHERS],
  },
  otherwise: OTHERS,
  upgrade,
  client: {
    ...speak(CLIENT_EVENTS),
    answerForeign: () =>
      JSON.stringify({
        type: "error",
        error: { type: "invalid_request_error", code: "invalid_event", message: FOREIGN.reason, param: null },
      }),
  },
  server: speak(SERVER_EVENTS),
};
