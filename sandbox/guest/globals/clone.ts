/** `structuredClone` for plain data, Map, Set, Date, RegExp, errors, buffers and their views, cycles included. */
export function structuredClone(value: unknown): unknown {
  return clone(value, new Map());
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw notCloneable(typeof value);
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = <T extends object>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (Array.isArray(value)) {
    const copy = keep(new Array(value.length));
    for (const key of Object.keys(value)) copy[key as never] = clone(value[key as never], seen) as never;
    return copy;
  }
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const item of [...value]) copy.add(clone(item, seen));
    return copy;
  }
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen));
  if (value instanceof Error) return keep(cloneError(value, seen));
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
    throw notCloneable(value.constructor.name);
  }
  const copy = keep({}) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    const item = clone((value as Record<string, unknown>)[key], seen);
    Reflect.defineProperty(copy, key, { value: item, writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function cloneView(view: ArrayBufferView, seen: Map<object, unknown>): ArrayBufferView {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  const typed = view as Uint8Array;
  return new (typed.constructor as Uint8ArrayConstructor)(buffer, typed.byteOffset, typed.length);
}

function cloneError(error: Error, seen: Map<object, unknown>): Error {
  const copy = new Error(error.message);
  for (const key of ["name", "stack", "cause"] as const) {
    if (!(key in error)) continue;
    const value = key === "cause" ? clone(error.cause, seen) : String(error[key]);
    Reflect.defineProperty(copy, key, { value, writable: true, enumerable: false, configurable: true });
  }
  return copy;
}

function notCloneable(what: string): TypeError {
  return new TypeError(`structuredClone: a ${what} cannot be cloned`);
}
