/**
 * Freezes the realm's intrinsics before the policy runs, so that the code around the policy, and the parts of the
 * policy itself, can trust them.
 */

import { allowOverrides } from "./overriding.ts";

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { hasOwn } = Object;

/** All that there is before any policy. It stays as it is: what is frozen later is not followed into it. */
const intrinsics = new Set<object>();

/** @param ours what policies get from elsewhere than from globals */
export function freezeIntrinsics(ours: readonly unknown[]): void {
  const roots = [...allowOverrides(), ...globalValues(), ...hiddenIntrinsics(), ...ours];
  freezeAll(roots, intrinsics, keysOfIntrinsic);
  lockGlobals();
}

/** Freeze what a value is made of: its properties, accessors and prototypes. */
export function freezeDeep(value: unknown): void {
  freezeAll([value], new Set(), ownKeys);
}

/**
 * The same for what JSON.parse has made, with what is frozen already put in: there are no accessors in there, no classes, and
 * nothing is there twice, so that nothing has to be remembered.
 */
export function freezeData(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  for (const key in value) freezeData((value as Record<string, unknown>)[key]);
  Object.freeze(value);
}

/**
 * All of it in one walk: each isolate begins with one.
 *
 * @param seen takes what was walked over
 */
function freezeAll(
  roots: readonly unknown[],
  seen: Set<object>,
  keysOf: (value: object) => readonly PropertyKey[],
): void {
  const waiting: object[] = [];
  const visit = (value: unknown): void => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
    if (seen.has(value) || intrinsics.has(value)) return;
    seen.add(value);
    waiting.push(value);
  };
  roots.forEach(visit);
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    visit(getPrototypeOf(value));
    for (const key of keysOf(value)) {
      // Most properties of all are these, and no objects.
      if (typeof value === "function" && (key === "length" || key === "name")) continue;
      const descriptor = getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      visit(descriptor.value);
      visit(descriptor.get);
      visit(descriptor.set);
    }
  }
  for (const value of seen) Object.freeze(value);
}

/** Functions with more than a length and a name, besides those that have a prototype: the constructors. */
const unusual: readonly unknown[] = [Proxy, Function.prototype];

/** Most of what there is are functions, and to ask one for its keys makes more garbage than all else of a walk. */
function keysOfIntrinsic(value: object): readonly PropertyKey[] {
  const isMethod = typeof value === "function" && !hasOwn(value, "prototype") && !unusual.includes(value);
  return isMethod ? [] : ownKeys(value);
}

function globalValues(): unknown[] {
  return ownKeys(globalThis)
    .map((key) => getOwnPropertyDescriptor(globalThis, key)?.value)
    .filter((value) => value !== globalThis);
}

/** Intrinsics that no global names. */
function hiddenIntrinsics(): unknown[] {
  async function* asyncGenerator() {}
  const generator = function* () {};
  return [
    generator,
    generator(),
    asyncGenerator,
    asyncGenerator(),
    async () => {},
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().entries(),
    ""[Symbol.iterator](),
    "".matchAll(/./g),
    ...iteratorHelpers(),
    Uint8Array.prototype,
  ];
}

function iteratorHelpers(): unknown[] {
  const { Iterator } = globalThis as unknown as {
    Iterator: { from(source: object): { map(fn: () => null): object } };
  };
  const wrapped = Iterator.from({ next: () => ({ done: true, value: undefined }) });
  return [wrapped, wrapped.map(() => null)];
}

/** Names of the language and ours cannot be taken over; new names are the policy's own affair. */
function lockGlobals(): void {
  for (const key of ownKeys(globalThis)) {
    const descriptor = getOwnPropertyDescriptor(globalThis, key);
    if (!descriptor?.configurable) continue;
    if ("value" in descriptor) defineProperty(globalThis, key, { writable: false, configurable: false });
    else defineProperty(globalThis, key, { configurable: false });
  }
}
