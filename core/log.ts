import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { PinoPretty as createPrettyStream } from "pino-pretty";
import type { LogLevel } from "./config/input.ts";

export type LogFields = Readonly<Record<string, unknown>>;

export interface LogMethod {
  (text: string): void;
  (fields: LogFields, text: string): void;
}

export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** A logger that adds these fields to each of its lines. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Lines for people rather than JSON. */
  readonly pretty?: boolean;
  /** Where lines go in place of stdout. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line on stdout, credentials blotted out. */
export function createLogger({ level, pretty = false, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: redactRecord },
  };
  if (pretty) return wrap(pino(options, prettyStream(destination)));
  return wrap(destination === undefined ? pino(options) : pino(options, destination));
}

/** pino hands the fields of a child to no formatter, so they are redacted here. */
function wrap(logger: PinoLogger): Logger {
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    child: (fields) => wrap(logger.child(redactRecord(fields))),
  };
}

function prettyStream(destination: DestinationStream | undefined): DestinationStream {
  return createPrettyStream({
    sync: true,
    colorize: destination === undefined && process.stdout.isTTY === true,
    translateTime: "SYS:HH:MM:ss.l",
    messageFormat: (record, key) => showControls(String(record[key] ?? "")),
    ...(destination !== undefined && { destination: destination as NodeJS.WritableStream }),
  });
}

/** A policy may log what a peer sent: that must not look like a line of ours, nor steer the terminal. */
function showControls(text: string): string {
  return text
    .replace(/\r?\n/g, "\n    ")
    .replace(/[^\P{Cc}\t\n]/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Headers that carry credentials; sec-websocket-protocol, because browsers have no other place for a token. */
const SECRET = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "sec-websocket-protocol",
]);
const REDACTED = "[redacted]";

/** The same fields with the values of secret headers blotted out, at any depth, however the headers are held. */
function redactRecord(record: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, isSecret(key) ? REDACTED : redactValue(value)]),
  );
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return redactList(value);
  return isPlainObject(value) ? redactRecord(value) : value;
}

/** Also a list of names and values, as in `rawHeaders`, and each pair of a list of pairs. */
function redactList(list: readonly unknown[]): unknown[] {
  return list.map((item, index) => (isSecret(list[index - 1]) ? REDACTED : redactValue(item)));
}

function isSecret(name: unknown): boolean {
  return typeof name === "string" && SECRET.has(name.toLowerCase());
}

/** Errors and other class instances are left to pino's own serialisers. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
