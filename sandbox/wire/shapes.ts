import { HostNonsense } from "./nonsense.ts";

/** Readers of values that a host has sent: each gives the value as what it has to be, or throws a `HostNonsense`. */

export function readObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(what, "an object", value);
  return value as Readonly<Record<string, unknown>>;
}

export function readList(value: unknown, what: string, max: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > max) throw wrong(what, `a list of at most ${max}`, value);
  return value;
}

export function readText(value: unknown, what: string, max: number): string {
  if (typeof value !== "string" || value.length > max) throw wrong(what, `a text of at most ${max}`, value);
  return value;
}

/** Text of one kind. */
export function readWord(value: unknown, what: string, pattern: RegExp): string {
  if (typeof value !== "string" || !pattern.test(value)) throw wrong(what, `a text like ${pattern}`, value);
  return value;
}

export function readInteger(value: unknown, what: string, min: number, max: number): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max)
    throw wrong(what, `a whole number from ${min} to ${max}`, value);
  return value as number;
}

/** A count or an amount. */
export function readAmount(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw wrong(what, "a number from 0", value);
  return value;
}

export function readChoice<Choice>(value: unknown, what: string, choices: readonly Choice[]): Choice {
  if (!choices.includes(value as Choice)) throw wrong(what, `one of ${choices.join(", ")}`, value);
  return value as Choice;
}

/** What JSON holds, not deeper than code that walks it by calling itself can go. */
export function readShallow(value: unknown, what: string, maxDepth: number): unknown {
  if (isDeeper(value, maxDepth)) throw wrong(what, `nested at most ${maxDepth} levels deep`, value);
  return value;
}

/** Of what JSON holds, where nothing stands twice. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

/** The value itself stays out of it: it may be anything, and is for the log of the gateway. */
export function wrong(what: string, expected: string, got: unknown): HostNonsense {
  return new HostNonsense(`expected ${what} to be ${expected}, got ${describe(got)}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `a text of ${value.length}`;
  return Array.isArray(value) ? `a list of ${value.length}` : `a value of type ${typeof value}`;
}
