import { isObject } from "../../is-object.ts";

/** What is asked, and what is answered. */
export interface OcppExchange<Request, Response> {
  readonly request: Request;
  readonly response: Response;
}

/** OCPP-J 1.6 and 2.0.1, 4.2. */
export interface OcppCall<Action extends string = string, Payload = object> {
  readonly type: "call";
  readonly id: string;
  readonly action: Action;
  readonly payload: Payload;
}

export interface OcppCallResult<Action extends string = string, Payload = object> {
  readonly type: "callResult";
  /** That of the call. */
  readonly id: string;
  /** That of the call: what is sent does not say it. */
  readonly action: Action;
  readonly payload: Payload;
}

export interface OcppCallError {
  readonly type: "callError";
  /** That of the call. */
  readonly id: string;
  /** That of the call: what is sent does not say it. */
  readonly action: string;
  /** Such as `NotSupported` or `SecurityError`. */
  readonly code: string;
  readonly description: string;
  readonly details: object;
}

export type OcppMessage = OcppCall | OcppCallResult | OcppCallError;
export type OcppAnswer = Omit<OcppCallResult, "action"> | Omit<OcppCallError, "action">;

const CALL = 2;
const CALL_RESULT = 3;
const CALL_ERROR = 4;
const MAX_ID_LENGTH = 36;

/** Throws where it is none. */
export function readMessage(value: unknown): OcppCall | OcppAnswer {
  if (!Array.isArray(value)) throw new TypeError("expected an array");
  const [type, id, ...rest] = value as readonly unknown[];
  if (typeof id !== "string" || id.length > MAX_ID_LENGTH) throw new TypeError("expected an id");
  switch (type) {
    case CALL: {
      const [action, payload] = take(rest, 2);
      return { type: "call", id, action: requireText(action), payload: requireObject(payload) };
    }
    case CALL_RESULT:
      return { type: "callResult", id, payload: requireObject(take(rest, 1)[0]) };
    case CALL_ERROR: {
      const [code, description, details] = take(rest, 3);
      const texts = { code: requireText(code), description: requireText(description) };
      return { type: "callError", id, ...texts, details: requireObject(details) };
    }
    default:
      throw new TypeError("expected a call, an answer or an error");
  }
}

export function writeMessage(message: OcppMessage): string {
  switch (message.type) {
    case "call":
      return JSON.stringify([CALL, message.id, message.action, message.payload]);
    case "callResult":
      return JSON.stringify([CALL_RESULT, message.id, message.payload]);
    case "callError":
      return JSON.stringify([CALL_ERROR, message.id, message.code, message.description, message.details]);
  }
}

function take(values: readonly unknown[], count: number): readonly unknown[] {
  if (values.length !== count) throw new TypeError(`expected ${count} members after the id`);
  return values;
}

function requireText(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("expected a text");
  return value;
}

function requireObject(value: unknown): object {
  if (isObject(value)) return value;
  throw new TypeError("expected an object");
}
