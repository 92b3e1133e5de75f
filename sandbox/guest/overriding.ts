/**
 * Lets objects have properties of the names that frozen prototypes have. Freezing alone breaks honest code: an object cannot
 * be *assigned* a property whose name is a read-only one on its prototype (`this.name = "NotFound"` in a subclass of Error,
 * `Buffer.prototype.slice = …` above Uint8Array). So these properties become a getter, and a setter that does to the
 * receiver what an assignment does where nothing is frozen. (SES calls this "enablements".)
 */

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

const errors = [
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError],
];
/** Of arrays of bytes: what `Buffer` of the package `buffer` has its own of, and what others do. */
const BYTES = [
  ...["toString", "toLocaleString", "slice", "subarray", "set", "fill", "includes", "indexOf", "lastIndexOf"],
];

/**
 * Before the intrinsics are frozen. Each name costs an isolate's start some microseconds. Not among them, for as V8 sees an
 * accessor there it is many times as slow: the `constructor` of arrays, `exec` of RegExp.
 *
 * @returns what the properties held, to be frozen too: only their getters lead there now, where no walk goes
 */
export function allowOverrides(): unknown[] {
  return [
    ...errors.flatMap(({ prototype }) => allow(prototype, ["name", "message", "toString", "constructor"])),
    ...allow(Object.prototype, ["constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty"]),
    ...allow(Object.prototype, ["isPrototypeOf", "propertyIsEnumerable"]),
    ...allow(Function.prototype, ["toString", "bind", "call", "apply"]),
    ...[Array, Date, RegExp, Map, Set].flatMap(({ prototype }) =>
      allow(prototype, ["toString", "toJSON", "valueOf"]),
    ),
    ...allow(Array.prototype, ["push", "concat"]),
    ...[Map, Set].flatMap(({ prototype }) =>
      allow(prototype, ["constructor", "get", "set", "add", "has", "delete"]),
    ),
    ...allow(Promise.prototype, ["constructor", "then", "catch", "finally"]),
    ...allow(getPrototypeOf(Uint8Array.prototype) as object, BYTES),
    // TypeScript's generators for old targets assign it.
    ...allow(getPrototypeOf(getPrototypeOf([].values()) as object) as object, [Symbol.iterator]),
  ];
}

function allow(owner: object, keys: readonly PropertyKey[]): unknown[] {
  return keys.map((key) => allowOverride(owner, key));
}

function allowOverride(owner: object, key: PropertyKey): unknown {
  const descriptor = getOwnPropertyDescriptor(owner, key);
  if (!descriptor?.writable) return undefined;
  const { value } = descriptor;
  defineProperty(owner, key, {
    get: () => value,
    set(this: object, next: unknown) {
      assign(this, owner, key, next);
    },
    enumerable: false,
    configurable: true,
  });
  return value;
}

/** As ECMA-262, 10.1.9.2, has it for a property that is inherited and may be written. */
function assign(receiver: object, owner: object, key: PropertyKey, value: unknown): void {
  const refusal = `Cannot assign to read only property '${String(key)}'`;
  if (receiver === owner) throw new TypeError(`${refusal} of an intrinsic`);
  const own = getOwnPropertyDescriptor(receiver, key);
  const next = own ? { value } : { value, writable: true, enumerable: true, configurable: true };
  if ((own && !own.writable) || !defineProperty(receiver, key, next)) throw new TypeError(refusal);
}
