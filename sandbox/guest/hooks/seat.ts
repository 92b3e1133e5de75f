import type { PolicyLogLevel, RenewedContext, SeatOpening } from "../../wire/guest-entry.ts";
import { freezeData } from "../freezing.ts";
import { RequestHeaders } from "./headers.ts";
import type { UnreadMember } from "./json/json-reader.ts";
import { plainJsonOfOwn } from "./plain-json.ts";
import type { Callable } from "./verdict-parts.ts";

const { freeze } = Object;

/** One connection's place in this policy. */
export interface GuestSeat {
  readonly index: number;
  readonly route: string;
  /** By who sends the message. */
  readonly types: { readonly client: SideTypes; readonly server: SideTypes };
  readonly options: object;
  readonly log: object;
  readonly kv: object;
  readonly rates: object;
  readonly secrets: object;
  readonly alert: object;
  /** `websock` of the hooks: one frozen object for all calls of the connection, until it is renewed. */
  websock: { readonly context: object };
  readonly tickHook: Callable;
  readonly renewHook: Callable;
  session: object;
  /** JSON of the last checkpoint; undefined while the session has always been empty. */
  sessionText: string | undefined;
  /** By hook; made when a first call is pending. */
  lanes: (Lane | undefined)[] | undefined;
}

/** What all hooks of the policy have in common. */
export interface SeatTools {
  readonly kv: object;
  readonly rates: object;
  readonly secrets: object;
  readonly alert: object;
  /** The policy's own. */
  hasHook(name: "tick" | "renew"): boolean;
}

export interface SideTypes {
  readonly text: BodyType;
  readonly binary: BodyType;
}

/** What a body may be. */
export interface BodyType {
  readonly name: string;
  readonly isJson: boolean;
  /** The `content` of all messages of it whose bodies are withheld; made with the first. */
  withheld: object | undefined;
}

/** Calls of one hook that wait until the one before has settled. */
export interface Lane {
  isBusy: boolean;
  readonly waiting: WaitingCall[];
}

export interface WaitingCall {
  readonly id: number;
  /** Undefined: it is withheld from this hook. */
  readonly body: string | Uint8Array | undefined;
  readonly isBinary: boolean;
  readonly length: number;
  readonly sequence: number;
  readonly time: number;
  /** What of the body its policy has been handed unread, and may leave so; undefined before it has called `json()`. */
  unread: readonly UnreadMember[] | undefined;
}

export function openSeat(
  index: number,
  opening: SeatOpening,
  tools: SeatTools,
  write: (seat: GuestSeat, level: PolicyLogLevel, values: readonly unknown[]) => void,
): GuestSeat {
  const context: Record<string, unknown> = { id: opening.id, ...readContext(opening.context) };
  context.expires ??= null;
  const callable = (hook: "tick" | "renew"): Callable => {
    if (!tools.hasHook(hook)) return "absent";
    return opening.hooks === undefined || opening.hooks.includes(hook) ? "runs" : "off";
  };
  const seat: GuestSeat = {
    index,
    route: opening.route,
    types: { client: readTypes(opening.types.client), server: readTypes(opening.types.server) },
    options: opening.options as object,
    log: freeze({
      debug: freeze((...values: unknown[]) => write(seat, "debug", values)),
      info: freeze((...values: unknown[]) => write(seat, "info", values)),
      warn: freeze((...values: unknown[]) => write(seat, "warn", values)),
      error: freeze((...values: unknown[]) => write(seat, "error", values)),
    }),
    kv: tools.kv,
    rates: tools.rates,
    secrets: tools.secrets,
    alert: tools.alert,
    websock: { context },
    tickHook: callable("tick"),
    renewHook: callable("renew"),
    session: restoreSession(opening.session),
    sessionText: opening.session,
    lanes: undefined,
  };
  freezeData(seat.options);
  freezeData(seat.websock);
  return seat;
}

/** The connection has been renewed: its later calls read so. */
export function renewSeat(seat: GuestSeat, renewed: Partial<RenewedContext>): void {
  freezeData(renewed);
  seat.websock = freeze({ context: freeze({ ...seat.websock.context, ...renewed }) });
}

/** What a message of this side's is. */
export function bodyTypeOf(seat: GuestSeat, side: "client" | "server", isBinary: boolean): BodyType {
  const types = side === "client" ? seat.types.client : seat.types.server;
  return isBinary ? types.binary : types.text;
}

/** The JSON of a context, its headers as the class that the hooks see. */
export function readContext(json: string): Record<string, unknown> {
  const context = JSON.parse(json);
  const headers = context.request?.headers;
  if (Array.isArray(headers)) context.request.headers = new RequestHeaders(headers);
  return context;
}

/**
 * The session's JSON if it differs from the last checkpoint, else undefined. When the hook left something there that is
 * not plain data, the session goes back to the last checkpoint and this throws.
 */
export function checkpointSession(seat: GuestSeat, maxBytes: number): string | undefined {
  if (seat.sessionText === undefined && isEmpty(seat.session)) return undefined;
  try {
    const text = plainJsonOfOwn(seat.session, "session");
    if (text === seat.sessionText) return undefined;
    if (text.length > maxBytes) {
      throw new Error(
        `expected \`session\` to be at most ${maxBytes} characters of JSON, got ${text.length}`,
      );
    }
    seat.sessionText = text;
    return text;
  } catch (error) {
    seat.session = restoreSession(seat.sessionText);
    throw error;
  }
}

function restoreSession(text: string | undefined): object {
  return text === undefined ? {} : JSON.parse(text);
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

function readTypes({ text, binary }: SeatOpening["types"]["client"]): SideTypes {
  return {
    text: readType(text),
    binary: readType(binary),
  };
}

function readType(name: string): BodyType {
  return { name, isJson: isJsonType(name), withheld: undefined };
}

function isJsonType(type: string): boolean {
  const essence = (type.split(";")[0] as string).trim().toLowerCase();
  return essence === "application/json" || essence.endsWith("+json");
}
