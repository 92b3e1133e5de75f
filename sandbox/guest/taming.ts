/**
 * Takes out of the realm what could hang or fill the host process in spite of the isolate's limits. This keeps honest
 * mistakes cheap; it is not the wall. Whatever slips through is ended by the client, which kills the host process.
 */

import { parseJson, type Reviver } from "./globals/json.ts";

/** Native loops are not interruptible: none may be longer than this. */
const MAX_NATIVE_LENGTH = 1 << 24;

const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

export function tameIntrinsics({ makesCode }: { readonly makesCode: boolean }): void {
  removeGlobals();
  if (!makesCode) denyCodeFromStrings();
  capArrayMethods();
  capStringMethods();
  fixArrayBuffers();
  fixJson();
  lockStackTraces();
}

/** Memory outside the isolate's heap limit (WebAssembly, Intl), aborts (WeakRef), code from strings (eval), pauses at will (gc). */
function removeGlobals(): void {
  const names = [
    "WebAssembly",
    "SharedArrayBuffer",
    "Atomics",
    "WeakRef",
    "FinalizationRegistry",
    "Intl",
    "eval",
    "gc",
  ];
  for (const name of names) {
    // V8 lets its own `gc` be written over, but not deleted.
    if (!Reflect.deleteProperty(globalThis, name)) {
      defineProperty(globalThis, name, { value: undefined, writable: false });
    }
  }
}

function denyCodeFromStrings(): void {
  const samples = [() => {}, async () => {}, function* () {}, async function* () {}];
  for (const sample of samples) {
    const prototype = getPrototypeOf(sample) as object;
    // No arrow: `new Function(…)` is to say the same.
    const denied = function (this: unknown): never {
      throw new TypeError("A policy cannot make code from strings: eval and Function are not available.");
    };
    defineProperty(denied, "name", { value: "Function" });
    defineProperty(denied, "prototype", { value: prototype, writable: false });
    defineProperty(prototype, "constructor", { value: denied });
    if (prototype === Function.prototype) defineProperty(globalThis, "Function", { value: denied });
  }
}

/** All of these walk from 0 to `length` in native code, also where there are no elements. */
function capArrayMethods(): void {
  const names = [
    ...[
      "indexOf",
      "lastIndexOf",
      "includes",
      "fill",
      "reverse",
      "join",
      "copyWithin",
      "toReversed",
      "sort",
      "toSorted",
    ],
    ...["slice", "splice", "toSpliced", "with", "flat", "flatMap", "shift", "unshift"],
    ...["forEach", "map", "filter", "some", "every", "reduce", "reduceRight"],
  ];
  for (const name of names) {
    wrapMethod(Array.prototype, name, (native) => {
      return function (this: ArrayLike<unknown>, ...args: unknown[]) {
        if (this.length > MAX_NATIVE_LENGTH) throw tooLong(`Array.prototype.${name}`, "elements");
        return apply(native, this, args);
      };
    });
  }
  wrapMethod(Array, "from", (native) => {
    return function (this: unknown, ...args: unknown[]) {
      const source = args[0] as ArrayLike<unknown> | null | undefined;
      if (source && source.length > MAX_NATIVE_LENGTH) throw tooLong("Array.from", "elements");
      return apply(native, this, args);
    };
  });
  wrapMethod(String, "raw", (native) => {
    return (...args: unknown[]) => {
      const parts = (args[0] as TemplateStringsArray | undefined)?.raw;
      if (parts && parts.length > MAX_NATIVE_LENGTH) throw tooLong("String.raw", "parts");
      return apply(native, String, args);
    };
  });
}

/** ICU does not look at the clock; a string of the largest length keeps it busy for seconds. */
function capStringMethods(): void {
  const names = [
    "normalize",
    "localeCompare",
    "toLocaleUpperCase",
    "toLocaleLowerCase",
    "toUpperCase",
    "toLowerCase",
  ];
  for (const name of names) {
    wrapMethod(String.prototype, name, (native) => {
      return function (this: string, ...args: unknown[]) {
        if (this.length > MAX_NATIVE_LENGTH) throw tooLong(`String.prototype.${name}`, "characters");
        return apply(native, this, args);
      };
    });
  }
  for (const name of ["repeat", "padStart", "padEnd"]) {
    wrapMethod(String.prototype, name, (native) => {
      return function (this: string, ...args: unknown[]) {
        const count = Number(args[0]);
        const length = name === "repeat" ? this.length * count : count;
        if (length > MAX_NATIVE_LENGTH) throw tooLong(`String.prototype.${name}`, "characters");
        return apply(native, this, [count, ...args.slice(1)]);
      };
    });
  }
  const nativeBigInt = BigInt;
  const bounded = (value: bigint | boolean | number | string) => {
    if (typeof value === "string" && value.length > 100_000) throw tooLong("BigInt", "digits");
    return nativeBigInt(value);
  };
  copyStatics(nativeBigInt, bounded);
  defineProperty(nativeBigInt.prototype, "constructor", { value: bounded });
  defineProperty(globalThis, "BigInt", { value: bounded });
}

/** The memory of resizable buffers is not counted by the isolate. */
function fixArrayBuffers(): void {
  for (const name of ["resize", "transfer", "transferToFixedLength"]) {
    Reflect.deleteProperty(ArrayBuffer.prototype, name);
  }
  const native = ArrayBuffer;
  const fixed = function (length: number, options?: { maxByteLength?: number }) {
    if (!new.target) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    if (options?.maxByteLength !== undefined) {
      throw new RangeError("A policy cannot make a resizable ArrayBuffer: leave out `maxByteLength`.");
    }
    return construct(native, [length], new.target);
  };
  copyStatics(native, fixed);
  defineProperty(native.prototype, "constructor", { value: fixed });
  defineProperty(globalThis, "ArrayBuffer", { value: fixed });
}

function fixJson(): void {
  wrapMethod(JSON, "parse", () => (text: string, reviver?: Reviver) => parseJson(text, reviver));
}

/** A `prepareStackTrace` of the policy's would run whenever the host or V8 looks at an error. */
function lockStackTraces(): void {
  defineProperty(Error, "prepareStackTrace", { value: undefined, writable: false, configurable: false });
  defineProperty(Error, "stackTraceLimit", { value: 20, writable: false, configurable: false });
}

type AnyFunction = (this: never, ...args: never[]) => unknown;

function wrapMethod(owner: object, name: string, wrap: (native: AnyFunction) => AnyFunction): void {
  const native = (owner as Record<string, AnyFunction>)[name];
  if (!native) return;
  const wrapper = { [name]: wrap(native) }[name] as AnyFunction;
  defineProperty(wrapper, "name", { value: name, configurable: true });
  defineProperty(wrapper, "length", { value: native.length, configurable: true });
  defineProperty(owner, name, { value: wrapper, writable: true, enumerable: false, configurable: true });
}

function copyStatics(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = getOwnPropertyDescriptor(from, key) as PropertyDescriptor;
    const own = getOwnPropertyDescriptor(to, key);
    if (own && !own.configurable) defineProperty(to, key, { value: descriptor.value });
    else defineProperty(to, key, descriptor);
  }
}

function tooLong(what: string, unit: string): RangeError {
  return new RangeError(`${what}: more than ${MAX_NATIVE_LENGTH} ${unit} are not allowed in a policy`);
}
