import { isObject } from "../../is-object.ts";
import { lookalikeCheck } from "../lib/json-text.ts";
import type { SignalrMessage } from "./messages.ts";

// Microsoft's own reader is a part of a client, whose sixteen packages would come with each gateway, and knows what clients get: not
// what they send.

const RECORD_END = "\u001e";
/** Of a message: all of them are read within the time of one call. */
const MAX_RECORDS = 1_024;
const refuseInHandshake = lookalikeCheck(["protocol", "version", "error"]);
const refuseLookalikes = lookalikeCheck([
  ...["type", "invocationId", "target", "arguments", "streamIds", "headers"],
  ...["item", "result", "error", "allowReconnect", "sequenceId"],
]);

type Check = (message: Readonly<Record<string, unknown>>) => boolean;

/** By `type`: what a message must have. */
const checks: Readonly<Record<number, Check>> = {
  1: ({ target, arguments: list, invocationId }) =>
    isName(target) && Array.isArray(list) && (invocationId === undefined || isName(invocationId)),
  2: ({ invocationId, item }) => isName(invocationId) && item !== undefined,
  3: ({ invocationId, result, error }) =>
    isName(invocationId) && (error === undefined || (typeof error === "string" && result === undefined)),
  4: ({ target, arguments: list, invocationId }) =>
    isName(target) && Array.isArray(list) && isName(invocationId),
  5: ({ invocationId }) => isName(invocationId),
  6: () => true,
  7: () => true,
  8: ({ sequenceId }) => Number.isSafeInteger(sequenceId),
  9: ({ sequenceId }) => Number.isSafeInteger(sequenceId),
};

/** The records of a message, without what ends each. Throws where the last one is cut. */
export function splitRecords(text: string): readonly string[] {
  const records = text.split(RECORD_END);
  if (records.length > MAX_RECORDS + 1) throw new RangeError(`more than ${MAX_RECORDS} records`);
  if (records.pop() !== "") throw new TypeError("expected a whole record");
  return records;
}

/** Throws where it is none. */
export function readRecord(text: string): SignalrMessage {
  const message = readObject(text, refuseLookalikes);
  const { type } = message;
  const check = typeof type === "number" && Object.hasOwn(checks, type) ? checks[type] : undefined;
  if (!check?.(message))
    throw new TypeError("expected a message of a type that there is, with what it must have");
  return message as unknown as SignalrMessage;
}

/**
 * The first record that the lens sees of a side. Throws where it is no handshake, or the connection is to go on with another protocol than
 * that of JSON.
 *
 * @param isLate that a handshake may have gone before
 */
export function readFirstRecord(text: string, isOfClient: boolean, isLate: boolean): SignalrMessage {
  const message = readObject(text, refuseInHandshake);
  if ("type" in message && isLate) return readRecord(text);
  if ("type" in message) throw new TypeError("expected a handshake");
  if (isOfClient && message.protocol !== "json") throw new TypeError("expected the protocol json");
  return message as SignalrMessage;
}

export function writeRecord(message: SignalrMessage): string {
  return endRecord(JSON.stringify(message));
}

export function endRecord(text: string): string {
  return text + RECORD_END;
}

function readObject(text: string, refuse: (message: object) => void): Readonly<Record<string, unknown>> {
  const message: unknown = JSON.parse(text);
  if (!isObject(message)) throw new TypeError("expected an object");
  refuse(message);
  return message;
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
