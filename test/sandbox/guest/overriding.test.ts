import { shareSandbox } from "../shared-sandbox.ts";
import { evaluate } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox({ limits: { messageTimeoutMs: 2000 } });

/** Tells what became of each: "ok", or the error. */
const told = (lines: readonly string[]) =>
  `[${lines.map((line) => `() => { ${line} }`)}].map((run) => { try { return run() ?? "ok" } catch (error) { return String(error) } })`;

test("objects may be assigned what frozen prototypes have", async (t) => {
  const values = await evaluate(
    t,
    await useSandbox(),
    told([
      `function Sub() {} Sub.prototype = Object.create(Uint8Array.prototype);
       for (const name of ["toString", "toLocaleString", "slice", "subarray", "set", "fill", "includes", "indexOf", "lastIndexOf"]) {
         Sub.prototype[name] = 7;
         if (Sub.prototype[name] !== 7) return name;
       }`,
      "const b = Object.setPrototypeOf(new Uint8Array(2), Object.create(Uint8Array.prototype)); b.slice = () => 'mine'; return b.slice() + new Uint8Array(2).slice().length",
      "const m = new Map(); m.get = () => 'mine'; return m.get() + new Map([[1, 2]]).get(1)",
      "const p = Promise.resolve(); p.then = () => 'mine'; return p.then()",
      "const a = []; a.push = () => 'mine'; return a.push() + [].push(1)",
      "const o = {}; o.toString = () => 'mine'; return [String(o), Object.keys(o), delete o.toString, String(o)].join()",
      // TypeScript's `__generator`.
      "const g = Object.create(Iterator.prototype); g.next = () => ({ done: true }); g[Symbol.iterator] = function () { return this; }; return [...g].length",
      "class Lost extends RangeError { constructor() { super('x'); this.name = 'Lost'; this.message = 'y'; } } return String(new Lost())",
    ]),
  );
  t.deepEqual(values, [
    "ok",
    "mine2",
    "mine2",
    "mine",
    "mine1",
    "mine,toString,true,[object Object]",
    0,
    "Lost: y",
  ]);
});

test("an assignment is refused where it is refused elsewhere", async (t) => {
  const values = await evaluate(
    t,
    await useSandbox(),
    told([
      "Object.freeze({}).toString = 1",
      "Object.preventExtensions(new Map()).get = 1",
      "'text'.toString = 1",
      "class Base { m() { super.toString = 1; } } const o = Object.defineProperty(new Base(), 'toString', { value: 2, configurable: true }); o.m()",
      "class Base { m() { super.toString = 1; } } const o = Object.defineProperty(new Base(), 'toString', { get: () => 2, configurable: true }); o.m()",
      // Of a property that is there only its value is written.
      "class Base { m() { super.toString = 1; } } const o = Object.defineProperty(new Base(), 'toString', { value: 2, writable: true }); o.m(); const { enumerable, value } = Object.getOwnPropertyDescriptor(o, 'toString'); return [enumerable, value].join()",
    ]),
  );
  const refused = (key: string) => `TypeError: Cannot assign to read only property '${key}'`;
  t.deepEqual((values as string[]).slice(0, 2), [refused("toString"), refused("get")]);
  t.regex((values as string[])[2]!, /^TypeError/);
  t.deepEqual((values as string[]).slice(3), [refused("toString"), refused("toString"), "false,1"]);
});

test("no setter changes what is the language's, and nothing of it can be changed", async (t) => {
  const value = (await evaluate(
    t,
    await useSandbox(),
    `(() => {
      const seen = new Set();
      const accepted = [];
      const loose = [];
      let setters = 0;
      const visit = (value, path) => {
        if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
        seen.add(value);
        if (value !== globalThis && value !== Object.getPrototypeOf(globalThis) && !Object.isFrozen(value)) loose.push(path);
        visit(Object.getPrototypeOf(value), path + ".__proto__");
        for (const key of Reflect.ownKeys(value)) {
          const at = path + "." + String(key);
          const { value: own, get, set } = Object.getOwnPropertyDescriptor(value, key);
          const before = get && (() => { try { return get.call(value); } catch {} })();
          for (const part of [own, get, set, before]) visit(part, at);
          // Of the last match, and of each URL.
          if (!set || value === RegExp || value === URL.prototype) continue;
          setters++;
          for (const target of [value, Uint8Array.prototype, Array.prototype, Error.prototype, console, Object.freeze([])]) {
            try { set.call(target, () => "taken"); if (key !== "__proto__") accepted.push(at); } catch {}
          }
          try { value[key] = () => "taken"; if (key !== "__proto__") accepted.push(at + " by assignment"); } catch {}
          const after = get && (() => { try { return get.call(value); } catch {} })();
          if (after !== before) accepted.push(at + " changed");
        }
      };
      visit(globalThis, "");
      for (const hidden of [function* () {}, async function* () {}, async () => {}, [].values(), new Map().keys(), new Set().keys(), ""[Symbol.iterator](), "".matchAll(/./g)]) visit(Object.getPrototypeOf(hidden), "hidden");
      return { accepted, loose, some: setters > 50 && seen.size > 800 };
    })()`,
  )) as { readonly accepted: readonly string[]; readonly loose: readonly string[]; readonly some: boolean };
  t.deepEqual(value, { accepted: [], loose: [], some: true });
});
