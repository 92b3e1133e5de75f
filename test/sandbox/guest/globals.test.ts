import { createHash } from "node:crypto";
import type { ExecutionContext } from "ava";
import { shareSandbox } from "../shared-sandbox.ts";
import { evaluate } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox({ limits: { messageTimeoutMs: 2000 } });

type Cases = readonly (readonly [expression: string, value: unknown])[];

/** An expression that throws has its error as value. */
async function check(t: ExecutionContext, cases: Cases): Promise<void> {
  const fixture = await useSandbox();
  const list = cases.map(([expression]) => `async () => (${expression})`).join(",\n");
  const values = (await evaluate(
    t,
    fixture,
    `Promise.all([${list}].map(async (run) => { try { return await run() } catch (error) { return String(error) } }))`,
  )) as unknown[];
  for (const [i, [expression, value]] of cases.entries()) t.deepEqual(values[i], value, expression);
}

test("TextEncoder and TextDecoder", (t) =>
  check(t, [
    ['[...new TextEncoder().encode("aé日😀\\ud800")]', [...Buffer.from("aé日😀\ufffd")]],
    ['new TextEncoder().encodeInto("é日", new Uint8Array(4))', { read: 1, written: 2 }],
    ["new TextEncoder().encoding", "utf-8"],
    ['new TextDecoder().decode(new TextEncoder().encode("aé日😀"))', "aé日😀"],
    ["new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 97))", "a"],
    ["new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 97)).length", 2],
    [
      "new TextDecoder().decode(Uint8Array.of(97, 0xff, 0xe2, 0x82, 98, 0xed, 0xa0, 0x80))",
      "a\ufffd\ufffdb\ufffd\ufffd\ufffd",
    ],
    [
      "new TextDecoder('utf8', { fatal: true }).decode(Uint8Array.of(0xff))",
      "TypeError: The encoded data was not valid for encoding utf-8",
    ],
    [
      "new TextDecoder('latin1')",
      'RangeError: TextDecoder: expected the encoding to be "utf-8", got "latin1"',
    ],
    [
      "(() => { const d = new TextDecoder(); return [d.decode(Uint8Array.of(0xe2, 0x82), { stream: true }), d.decode(Uint8Array.of(0xac))] })()",
      ["", "€"],
    ],
    ["new TextDecoder().decode(new TextEncoder().encode('x'.repeat(100_000))).length", 100_000],
  ]));

test("atob and btoa", (t) =>
  check(t, [
    ['["", "a", "ab", "abc", "\\xff\\xfe"].map(btoa)', ["", "YQ==", "YWI=", "YWJj", "//4="]],
    ['["", "YQ==", "YWI=", "YWJj", " Y W J j ", "YQ"].map(atob)', ["", "a", "ab", "abc", "abc", "a"]],
    ['btoa("é日")', "RangeError: btoa: the string holds a character above U+00FF"],
    ['atob("a")', "RangeError: atob: the string is not base64"],
    ['atob("ab*=")', "RangeError: atob: the string is not base64"],
  ]));

test("URL", (t) =>
  check(t, [
    [
      'new URL("../b?x=1#h", "https://u:p@Example.com:8080/a/c").href',
      "https://u:p@example.com:8080/b?x=1#h",
    ],
    [
      '(({ protocol, username, password, host, hostname, port, pathname, search, hash, origin }) => [protocol, username, password, host, hostname, port, pathname, search, hash, origin])(new URL("https://u:p@e.com:81/p?q#h"))',
      ["https:", "u", "p", "e.com:81", "e.com", "81", "/p", "?q", "#h", "https://e.com:81"],
    ],
    ['new URL("nonsense")', "TypeError: Invalid URL: nonsense"],
    ['[URL.canParse("a:b"), URL.canParse("b"), URL.parse("b")]', [true, false, null]],
    [
      '(() => { const u = new URL("http://a/"); u.pathname = "/x y"; u.port = "81"; u.search = "b=1"; return String(u) })()',
      "http://a:81/x%20y?b=1",
    ],
    [
      '(() => { const u = new URL("http://a/?b=1&c=2"); u.searchParams.set("b", "é &"); u.searchParams.delete("c"); return u.href })()',
      "http://a/?b=%C3%A9+%26",
    ],
    [
      '(() => { const u = new URL("http://a/?b=1"); const p = u.searchParams; u.search = "?c=3"; return [...p] })()',
      [["c", "3"]],
    ],
    ['JSON.stringify({ u: new URL("http://a") })', '{"u":"http://a/"}'],
  ]));

test("URLSearchParams", (t) =>
  check(t, [
    [
      '[...new URLSearchParams("?a=1&b=%20x+y&a=2&c&=d&%zz=%E2%82%AC%ff")]',
      [
        ["a", "1"],
        ["b", " x y"],
        ["a", "2"],
        ["c", ""],
        ["", "d"],
        ["%zz", "€\ufffd"],
      ],
    ],
    ['String(new URLSearchParams({ "a b": "é&=", c: "*-._~" }))', "a+b=%C3%A9%26%3D&c=*-._%7E"],
    ['String(new URLSearchParams([["a", "1"], ["b", "2"]]))', "a=1&b=2"],
    [
      '(() => { const p = new URLSearchParams("b=1&a=2&b=3"); p.sort(); p.append("c", 4); p.delete("b", "1"); return [String(p), p.size, p.get("b"), p.get("x"), p.getAll("b"), p.has("c", "4"), p.has("z")] })()',
      ["a=2&b=3&c=4", 3, "3", null, ["3"], true, false],
    ],
    [
      '(() => { const p = new URLSearchParams("a=1&b=2&a=3"); p.set("a", "9"); const seen = []; p.forEach((v, k) => seen.push(k + v)); return [String(p), seen, [...p.keys()], [...p.values()]] })()',
      ["a=9&b=2", ["a9", "b2"], ["a", "b"], ["9", "2"]],
    ],
  ]));

test("structuredClone", (t) =>
  check(t, [
    [
      "(() => { const a = { n: [1, { d: new Date(5) }] }; const b = structuredClone(a); b.n[1].d.setTime(6); return [a.n[1].d.getTime(), b.n[1].d.getTime()] })()",
      [5, 6],
    ],
    ["[...structuredClone(new Map([[1, new Set([2])]])).get(1)]", [2]],
    ["(() => { const a = {}; a.a = a; const b = structuredClone(a); return b.a === b && b !== a })()", true],
    ["[...structuredClone(Uint8Array.of(1, 2, 3).subarray(1))]", [2, 3]],
    ["structuredClone(new RangeError('x')).message", "x"],
    ["structuredClone(() => {})", "TypeError: structuredClone: a function cannot be cloned"],
  ]));

test("crypto", (t) =>
  check(t, [
    ["new Set(Array.from({ length: 1000 }, () => crypto.randomUUID())).size", 1000],
    [
      "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())",
      true,
    ],
    ["new Set(crypto.getRandomValues(new Uint32Array(1000))).size > 990", true],
    ["new Set(crypto.getRandomValues(new Uint8Array(20_000))).size", 256],
    [
      "crypto.getRandomValues(new Uint8Array(70_000))",
      "RangeError: crypto.getRandomValues: more than 65536 bytes",
    ],
    [
      "crypto.getRandomValues(new Float64Array(1))",
      "TypeError: crypto.getRandomValues: expected a typed array of integers",
    ],
    ...(["SHA-1", "SHA-256", "SHA-384", "SHA-512"] as const).map(
      (name) =>
        [
          `crypto.subtle.digest({ name: "${name}" }, new TextEncoder().encode("abc")).then((b) => [...new Uint8Array(b)])`,
          [...createHash(name.replace("-", "")).update("abc").digest()],
        ] as const,
    ),
    [
      "crypto.subtle.digest('MD5', new Uint8Array(1))",
      'TypeError: crypto.subtle.digest: expected SHA-1, SHA-256, SHA-384 or SHA-512, got "MD5"',
    ],
  ]));

test("queueMicrotask runs after the current code", (t) =>
  check(t, [
    [
      "new Promise((r) => { const seen = []; queueMicrotask(() => { seen.push(2); r(seen) }); seen.push(1) })",
      [1, 2],
    ],
    ["queueMicrotask(1)", "TypeError: queueMicrotask: expected a function"],
  ]));

test("frozen intrinsics do not break honest code", (t) =>
  check(
    t,
    [
      [
        "(() => { class E extends Error { constructor(m) { super(m); this.name = 'E'; this.message = m + '!' } } return String(new E('x')) })()",
        "E: x!",
      ],
      [
        "(() => { const o = {}; o.toString = () => 'mine'; o.constructor = 1; o.hasOwnProperty = 2; return [String(o), Object.keys(o)] })()",
        ["mine", ["toString", "constructor", "hasOwnProperty"]],
      ],
      [
        "(() => { function F() {} F.prototype = Object.create(Error.prototype); F.prototype.constructor = F; return new F() instanceof Error })()",
        true,
      ],
      [
        "(() => { function A() {} A.toString = () => 'A'; A.prototype.toString = () => 'a'; return [String(A), String(new A())] })()",
        ["A", "a"],
      ],
      [
        "(() => { const e = new TypeError('x'); e.name = 'N'; e.code = 5; return [e.name, e.code, Object.keys(e)] })()",
        ["N", 5, ["name", "code"]],
      ],
      [
        "class X extends Array { toString() { return 'X' } }, String(new (class X extends Array { toString() { return 'X' } })())",
        "X",
      ],
      [
        "(() => { 'use strict'; Array.prototype.push = 1 })()",
        "TypeError: Cannot assign to read only property 'push' of an intrinsic",
      ],
      [
        "(() => { Object.prototype.toString = 1 })()",
        "TypeError: Cannot assign to read only property 'toString' of an intrinsic",
      ],
      [
        "(() => { globalThis.JSON = {} })()",
        "TypeError: Cannot assign to read only property 'JSON' of object '[object global]'",
      ],
      ["(() => { globalThis.mine = 1; return mine })()", 1],
      [
        "[(() => {}) instanceof Function, [3, 1, 2].sort(), [1, [2, [3]]].flat(Infinity), 'b'.localeCompare('a'), 'ä'.normalize('NFD').length, (1234.5).toLocaleString(), BigInt('12') === 12n, 5n instanceof Object]",
        [true, [1, 2, 3], [1, 2, 3], 1, 2, "1,234.5", true, false],
      ],
      [
        "[new ArrayBuffer(8).byteLength, ArrayBuffer.isView(new DataView(new ArrayBuffer(1))), new (class extends ArrayBuffer {})(3).byteLength, 'x'.repeat(3), 'x'.padStart(3, '-'), String.raw`a\\n`]",
        [8, true, 3, "xxx", "--x", "a\\n"],
      ],
    ].map(([expression, value]) => [expression as string, value] as const),
  ));

test("what is not there", (t) =>
  check(t, [
    [
      `["process", "require", "module", "global", "Buffer", "setInterval", "setImmediate", "WebSocket",
        "WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "Intl", "performance"]
        .filter((name) => name in globalThis)`,
      [],
    ],
    ["typeof eval", "undefined"],
    ["typeof gc", "undefined"],
    [
      "new ArrayBuffer(1, { maxByteLength: 100 })",
      "RangeError: A policy cannot make a resizable ArrayBuffer: leave out `maxByteLength`.",
    ],
    ["'resize' in ArrayBuffer.prototype || 'transfer' in ArrayBuffer.prototype", false],
    ["import(['node:fs'][0])", "Error: Not supported"],
  ]));
