import { isObject } from "../../../policies/is-object.ts";
import { hasPlaceholder } from "../../verdicts/placeholders.ts";
import { createTextTally, type TextTally } from "./text-tally.ts";

/** What the values at one place of messages have been. */
export interface Shape {
  count: number;
  nulls: number;
  booleans: number;
  integers: number;
  /** Those that are no integers. */
  fractions: number;
  lowest: number;
  readonly texts: TextTally;
  /** Values that a recording hides: nobody knows what they were. */
  hidden: number;
  arrays: number;
  /** Of all arrays together; undefined while all were empty. */
  items: Shape | undefined;
  objects: number;
  /** By name; undefined where there were so many that they are no names of members but data. */
  members: Map<string, Shape> | undefined;
  /** Of all members together, where there are no names. */
  values: Shape | undefined;
  /** Deeper than is looked. */
  unseen: number;
}

/** More names than these in the objects of one place are keys, such as ids, and no members. */
const MAX_MEMBERS = 64;
const MAX_DEPTH = 12;

export function createShape(): Shape {
  return {
    count: 0,
    nulls: 0,
    booleans: 0,
    integers: 0,
    fractions: 0,
    lowest: Number.POSITIVE_INFINITY,
    texts: createTextTally(),
    hidden: 0,
    arrays: 0,
    items: undefined,
    objects: 0,
    members: new Map(),
    values: undefined,
    unseen: 0,
  };
}

export function observe(shape: Shape, value: unknown, depth = 0): void {
  shape.count++;
  if (value === null) shape.nulls++;
  else if (typeof value === "boolean") shape.booleans++;
  else if (typeof value === "number") observeNumber(shape, value);
  else if (typeof value === "string") observeText(shape, value);
  else if (depth >= MAX_DEPTH) shape.unseen++;
  else if (Array.isArray(value)) {
    shape.arrays++;
    for (const item of value) {
      shape.items ??= createShape();
      observe(shape.items, item, depth + 1);
    }
  } else if (isObject(value)) observeObject(shape, value, depth);
}

function observeNumber(shape: Shape, value: number): void {
  if (Number.isInteger(value)) shape.integers++;
  else shape.fractions++;
  shape.lowest = Math.min(shape.lowest, value);
}

function observeText(shape: Shape, value: string): void {
  if (hasPlaceholder(value)) shape.hidden++;
  else shape.texts.add(value);
}

function observeObject(shape: Shape, value: Readonly<Record<string, unknown>>, depth: number): void {
  shape.objects++;
  for (const [name, member] of Object.entries(value)) {
    const found = shapeOfMember(shape, name);
    observe(found, member, depth + 1);
  }
}

function shapeOfMember(shape: Shape, name: string): Shape {
  if (shape.members === undefined) {
    shape.values ??= createShape();
    return shape.values;
  }
  const known = shape.members.get(name);
  if (known !== undefined) return known;
  const made = createShape();
  shape.members.set(name, made);
  if (shape.members.size <= MAX_MEMBERS) return made;
  shape.values = createShape();
  for (const member of shape.members.values()) merge(shape.values, member);
  shape.members = undefined;
  return shape.values;
}

/** Adds what one shape has seen to another. */
function merge(into: Shape, from: Shape): void {
  into.count += from.count;
  into.nulls += from.nulls;
  into.booleans += from.booleans;
  into.integers += from.integers;
  into.fractions += from.fractions;
  into.lowest = Math.min(into.lowest, from.lowest);
  into.texts.merge(from.texts);
  into.hidden += from.hidden;
  into.arrays += from.arrays;
  into.objects += from.objects;
  into.unseen += from.unseen;
  if (from.items !== undefined) {
    into.items ??= createShape();
    merge(into.items, from.items);
  }
  for (const [name, member] of from.members ?? []) merge(shapeOfMember(into, name), member);
  if (from.values !== undefined) {
    // What had no names there has none here.
    const values = into.values ?? createShape();
    for (const member of into.members?.values() ?? []) merge(values, member);
    merge(values, from.values);
    into.members = undefined;
    into.values = values;
  }
}
