import type { PolicyLogLevel } from "../../wire/guest-entry.ts";
import type { GuestSeat } from "../hooks/seat.ts";

/** (seat, level, text): the host's collector. A whole line costs one crossing, and is kept even if the call then dies. */
export type LogSink = (seat: number, level: string, text: string) => void;

const MAX_TEXT = 2048;
const MAX_LINES = 64;
const MAX_DEPTH = 3;
const MAX_ITEMS = 20;

export interface GuestLogger {
  /** The guest has moved on to another call: its lines count from 0. */
  startCall(): void;
  write(seat: GuestSeat | undefined, level: PolicyLogLevel, values: readonly unknown[]): void;
}

export function createGuestLogger(sink: LogSink): GuestLogger {
  let lines = 0;
  return {
    startCall() {
      lines = 0;
    },
    write(seat, level, values) {
      if (lines >= MAX_LINES) return;
      lines++;
      let text = formatLine(values);
      if (lines === MAX_LINES) text += ` [Lines after the ${MAX_LINES}th of this call are left out.]`;
      sink(seat?.index ?? 0, level, text);
    },
  };
}

export function createConsole(write: (level: PolicyLogLevel, values: readonly unknown[]) => void): object {
  return {
    log: (...values: unknown[]) => write("info", values),
    info: (...values: unknown[]) => write("info", values),
    warn: (...values: unknown[]) => write("warn", values),
    error: (...values: unknown[]) => write("error", values),
    debug: (...values: unknown[]) => write("debug", values),
  };
}

function formatLine(values: readonly unknown[]): string {
  let text = "";
  for (let i = 0; i < values.length && text.length <= MAX_TEXT; i++) {
    const value = values[i];
    text += (i > 0 ? " " : "") + (typeof value === "string" ? value : formatValue(value));
  }
  return cut(text, MAX_TEXT);
}

export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** A value as a person would like to read it; never throws, but may run a getter or a Proxy of the policy's. */
export function formatValue(value: unknown): string {
  return orUnshown(() => format(value, 0));
}

function orUnshown(show: () => string): string {
  try {
    return show();
  } catch {
    return "[value that cannot be shown]";
  }
}

function format(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(cut(value, MAX_TEXT));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function ${value.name || "anonymous"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return cut(String(value.stack ?? value), MAX_TEXT);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (depth > MAX_DEPTH) return Array.isArray(value) ? "[…]" : "{…}";
  if (Array.isArray(value)) return formatArray(value, depth);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (value instanceof Map) {
    return `Map(${value.size}) {${list([...value], (pair) => pairOf(pair[0], pair[1], depth))}}`;
  }
  if (value instanceof Set)
    return `Set(${value.size}) {${list([...value], (item) => format(item, depth + 1))}}`;
  return formatObject(value, depth);
}

function formatArray(value: readonly unknown[], depth: number): string {
  return `[${list(value, (item) => format(item, depth + 1))}]`;
}

function formatObject(value: object, depth: number): string {
  const fields = list(
    Object.keys(value),
    // One that throws, as a body does that is withheld, hides none of the others.
    (key) => `${key}: ${orUnshown(() => format((value as Record<string, unknown>)[key], depth + 1))}`,
  );
  return `${fields === "" ? "{}" : `{ ${fields} }`}`;
}

function pairOf(key: unknown, value: unknown, depth: number): string {
  return `${format(key, depth + 1)} => ${format(value, depth + 1)}`;
}

function list<T>(items: readonly T[], show: (item: T) => string): string {
  const shown = items.slice(0, MAX_ITEMS).map(show);
  if (items.length > MAX_ITEMS) shown.push(`… ${items.length - MAX_ITEMS} more`);
  return shown.join(", ");
}
