/** Statements that keep an engine busy in its own code, where a time limit reaches late or never, that eat its memory, or that burden whoever takes what comes out. */

const SIZES = [1e5, 1e6, 1e7, 5e7] as const;

/** A native loop over a length that lies to whoever checks it: nothing inside the process can stop it. */
const lying = (call: string) =>
  `let n = 0; const x = { get length() { return n++ === 0 ? 1 : 2 ** 53 - 1; } }; Array.prototype.${call};`;

const lies = [
  "indexOf.call(x, 1)",
  "lastIndexOf.call(x, 1)",
  "includes.call(x, 1)",
  "fill.call(x, 1)",
  "reverse.call(x)",
  "join.call(x)",
  "forEach.call(x, () => {})",
  "some.call(x, () => false)",
  "every.call(x, () => true)",
  "find.call(x, () => false)",
  "findLast.call(x, () => false)",
  "filter.call(x, () => false)",
  "map.call(x, () => 1)",
  "reduce.call(x, () => 1, 0)",
  "sort.call(x)",
  "at.call(x, -1)",
  "copyWithin.call(x, 1, 0)",
  "splice.call(x, 0, 1)",
  "unshift.call(x, 1)",
  "shift.call(x)",
].map(lying);

/** Each for all sizes. */
const sized = (n: number): readonly string[] => [
  `let x = 3n; for (let i = 0; i < Math.log2(${n}); i++) x *= x;`,
  `(3n ** ${n}n).toString();`,
  `BigInt("9".repeat(${n}));`,
  `(3n ** ${n}n) / (7n ** ${Math.floor(n / 2)}n);`,
  `BigInt.asUintN(64, 3n ** ${n}n);`,
  `encodeURIComponent("é".repeat(${n}));`,
  `decodeURIComponent("%C3%A9".repeat(${n / 10}));`,
  `escape("é".repeat(${n}));`,
  `"a".repeat(${n}).replaceAll("a", "bb");`,
  `"a".repeat(${n}).split("");`,
  `"aé".repeat(${n / 2}).normalize("NFKD");`,
  `"ı".repeat(${n}).toUpperCase();`,
  `JSON.stringify("\\u0001".repeat(${n}));`,
  `JSON.stringify(Array.from({ length: Math.min(${n}, 1e6) }, (_, i) => ({ i })));`,
  `JSON.parse("[".repeat(${n}) + "]".repeat(${n}));`,
  `JSON.parse("[" + "1,".repeat(${n}) + "1]");`,
  `let s = "a"; for (let i = 0; i < ${n / 10}; i++) s = i % 2 ? s + "b" : "b" + s; s.indexOf("c"); s.charCodeAt(9);`,
  `const a = new Uint8Array(${n}); for (let i = 0; i < 1000; i++) a.indexOf(1);`,
  `const a = new Float64Array(${n}).map(Math.random); a.sort(); a.toSorted((p, q) => q - p);`,
  `new RegExp("(a|a)*$").test("a".repeat(Math.min(${n}, 40)) + "b");`,
  `/[\\p{L}--[a-z]]+$/v.test("a".repeat(${n}));`,
  `/^(?:[^,]*,){30}x/.test("a,".repeat(${n}));`,
  `"a".repeat(${n}).match(/a/g);`,
  `"a".repeat(${n}).localeCompare("b".repeat(${n}));`,
  `structuredClone(Array.from({ length: Math.min(${n}, 1e6) }, (_, i) => [i]));`,
  `new Intl.Segmenter("en").segment("word ".repeat(${n})).containing(${n});`,
  `btoa("a".repeat(${n})); new TextEncoder().encode("é".repeat(${n}));`,
];

const GROWTH: readonly string[] = [
  "for (;;);",
  "for (;;) try { for (;;); } finally { continue; }",
  "const m = new Map(); for (let i = 0; ; i++) m.set(i, i);",
  "const o = {}; for (let i = 0; ; i++) o['k' + i] = 1;",
  "const s = new Set(); for (let i = 0; ; i++) s.add(i);",
  "const a = []; for (;;) a.push(new Array(1000));",
  "let a = [1]; for (;;) a = [...a, ...a];",
  "let s = 'a'; for (;;) s += s;",
  "const f = () => f() + f(); f();",
  "const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x;",
  "throw { get message() { for (;;); } };",
];

/** What does harm, if it does, when it is read or carried out: results, errors, what is logged, asked for and left pending. */
const OUTPUT: readonly string[] = [
  'return { reply: new Proxy([], { get: (t, key) => (key === "length" ? 150_000 : { body: "" }) }) };',
  'return { reply: Array(150_000).fill({ body: "" }) };',
  "const body = {}; body.body = body; return { content: { body } };",
  "let body = {}; for (let i = 0; i < 1e6; i++) body = { body }; return { content: { body } };",
  "return { content: { get body() { for (;;); } } };",
  "return { then() { for (;;); } };",
  "return new Proxy({}, { ownKeys() { for (;;); } });",
  'throw Object.assign(new Error("E"), { stack: "E\\n    at f (framegate-policy:p0:0:1)" });',
  'throw Object.assign(new Error("E"), { stack: "at f (framegate-policy:p0:1:1)\\n".repeat(1e6) });',
  'for (;;) console.log("x".repeat(10_000));',
  'for (let i = 0; i < 1e5; i++) fetch("http://127.0.0.1:9/").catch(() => {});',
  "for (let i = 0; i < 1e6; i++) Promise.reject(i);",
  "for (;;) await null;",
  "await new Promise(() => {});",
  "const again = () => { setTimeout(again); for (const end = Date.now() + 40; Date.now() < end; ); }; again();",
  "for (let i = 0; i < 1e5; i++) crypto.subtle.digest('SHA-512', new Uint8Array(1e5));",
];

/** Each is the body of a `client` hook. */
export const oneLiners: readonly string[] = [...lies, ...GROWTH, ...OUTPUT, ...SIZES.flatMap(sized)];
