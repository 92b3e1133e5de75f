import { isObject } from "../../../policies/is-object.ts";
import { hasPlaceholder } from "../../verdicts/placeholders.ts";
import { freeName } from "../plain-schemas.ts";
import { createShape, observe, type Shape } from "./shape.ts";

type KindValue = string | number;

/** Messages of one side that are of one kind. */
export interface MessageKind {
  readonly name: string;
  /** What the discriminator of all of them is; undefined where nothing tells kinds apart. */
  readonly value: KindValue | undefined;
  readonly shape: Shape;
}

export interface Kinds {
  readonly discriminator: string | undefined;
  readonly kinds: readonly MessageKind[];
}

const USUAL = ["type", "event", "kind", "action", "op", "method", "cmd", "command", "t"];
const MAX_KINDS = 64;
const MAX_LENGTH = 64;

/** Sorts messages by a member that all objects among them have, with few values. */
export function sortIntoKinds(messages: readonly unknown[]): Kinds {
  const objects = messages.filter(isObject);
  const discriminator = findDiscriminatingMember(objects);
  const names = new Map<string, Shape>();
  const byValue = new Map<KindValue | undefined, MessageKind>();
  for (const message of messages) {
    const value =
      discriminator !== undefined && isObject(message) ? (message[discriminator] as KindValue) : undefined;
    let kind = byValue.get(value);
    if (kind === undefined) {
      const name = freeName(nameOf(value), names);
      kind = { name, value, shape: createShape() };
      names.set(name, kind.shape);
      byValue.set(value, kind);
    }
    observe(kind.shape, message);
  }
  return { discriminator, kinds: [...byValue.values()] };
}

/** The keys of messages in AsyncAPI have these letters only, and an object's prototype is none. */
function nameOf(value: KindValue | undefined): string {
  const name = String(value ?? "").replaceAll(/[^\w.-]+/g, "_");
  return name === "__proto__" ? "proto" : name || "message";
}

type Message = Readonly<Record<string, unknown>>;

function findDiscriminatingMember(messages: readonly Message[]): string | undefined {
  const [first, ...others] = messages;
  if (first === undefined || others.length === 0) return undefined;
  const candidates = Object.keys(first).filter((name) => hasFewValues(messages, name));
  const usual = USUAL.find((name) => candidates.includes(name));
  if (usual !== undefined) return usual;
  // Another is one if kinds differ more from each other than the messages of a kind do.
  const [best] = candidates
    .map((name) => ({ name, gain: optionalsOf(messages) - optionalsWithin(messages, name) }))
    .filter(({ gain }) => gain > 0)
    .toSorted((a, b) => b.gain - a.gain);
  return best?.name;
}

/** Times that each value must have come where its member has no usual name: otherwise it may be chance. */
const EACH = 3;

function hasFewValues(messages: readonly Message[], name: string): boolean {
  const counts = new Map<unknown, number>();
  for (const message of messages) {
    const value = Object.hasOwn(message, name) ? message[name] : undefined;
    if (!isKindValue(value)) return false;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > MAX_KINDS) return false;
  }
  const types = new Set([...counts.keys()].map((value) => typeof value));
  if (types.size > 1) return false;
  if (!USUAL.includes(name)) return [...counts.values()].every((count) => count >= EACH);
  // A number that is another in nearly each message counts them.
  return types.has("string") || counts.size * 2 <= messages.length;
}

function isKindValue(value: unknown): value is KindValue {
  if (typeof value === "string") return value.length <= MAX_LENGTH && !hasPlaceholder(value);
  return Number.isSafeInteger(value);
}

function optionalsWithin(messages: readonly Message[], name: string): number {
  const groups = Map.groupBy(messages, (message) => message[name]);
  return [...groups.values()].reduce((sum, group) => sum + optionalsOf(group), 0);
}

/** How many members some of the messages have and others have not. */
function optionalsOf(messages: readonly Message[]): number {
  const counts = new Map<string, number>();
  for (const message of messages)
    for (const name of Object.keys(message)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.values()].filter((count) => count < messages.length).length;
}
