import { parseJson } from "../../globals/json.ts";

const { defineProperty, deleteProperty, get, getOwnPropertyDescriptor } = Reflect;
const { has, ownKeys, preventExtensions, set, setPrototypeOf } = Reflect;
const { keys } = Object;

/**
 * An object or a list that is parsed when anything of it is asked for, and from then on is what has been parsed: its
 * target has that as members of its own, so that nothing tells it from any other but `===` and speed.
 */
export class UnreadValue implements ProxyHandler<object> {
  /** What a policy gets. */
  readonly value: object;
  #text: string | undefined;
  #onRead: (() => void) | undefined;

  /**
   * @param text of an object or a list, and JSON
   * @param onRead somebody asks for something of it
   */
  constructor(text: string, onRead: () => void) {
    this.#text = text;
    this.#onRead = onRead;
    this.value = new Proxy(text.startsWith("[") ? [] : {}, this);
  }

  /** Nobody knows more of it than whether it is a list. */
  get isUnread(): boolean {
    return this.#text !== undefined;
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    this.#read(target);
    return get(target, key, receiver);
  }

  set(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    this.#read(target);
    return set(target, key, value, receiver);
  }

  has(target: object, key: PropertyKey): boolean {
    this.#read(target);
    return has(target, key);
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    this.#read(target);
    return deleteProperty(target, key);
  }

  ownKeys(target: object): (string | symbol)[] {
    this.#read(target);
    return ownKeys(target);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    this.#read(target);
    return getOwnPropertyDescriptor(target, key);
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    this.#read(target);
    return defineProperty(target, key, descriptor);
  }

  preventExtensions(target: object): boolean {
    this.#read(target);
    return preventExtensions(target);
  }

  setPrototypeOf(target: object, prototype: object | null): boolean {
    this.#read(target);
    return setPrototypeOf(target, prototype);
  }

  #read(target: object): void {
    if (this.#text === undefined) return;
    // The text goes last: should this fail, for want of stack say, then nobody has seen a part of it.
    fill(target, parseJson(this.#text) as object);
    this.#text = undefined;
    this.#onRead?.();
    this.#onRead = undefined;
  }
}

/** By definition: to assign fails where the frozen prototype has the name, and `__proto__` would be none. */
function fill(target: object, parsed: object): void {
  if (Array.isArray(parsed)) {
    for (let at = 0; at < parsed.length; at++) (target as unknown[])[at] = parsed[at];
    return;
  }
  for (const name of keys(parsed)) {
    const value = parsed[name as never];
    defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  }
}
