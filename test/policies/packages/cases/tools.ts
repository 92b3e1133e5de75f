import { DENIED, type PackageCase } from "../package-case.ts";

export const tools: readonly PackageCase[] = [
  {
    name: "jose",
    use: "JWT, JWS, JWE and JWK",
    imports: 'import { decodeJwt, EncryptJWT, generateKeyPair, jwtDecrypt, jwtVerify, SignJWT } from "jose";',
    calls: [
      [
        "(async () => { const key = new TextEncoder().encode('k'.repeat(32)); const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(key); return (await jwtVerify(token, key)).payload; })()",
        { a: 1 },
      ],
      [
        "(async () => { const { publicKey, privateKey } = await generateKeyPair('ES256'); const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey); return (await jwtVerify(token, publicKey)).payload.sub; })()",
        "ada",
      ],
      [
        "(async () => { const key = new Uint8Array(32); const token = await new EncryptJWT({ a: 1 }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key); return (await jwtDecrypt(token, key)).payload; })()",
        { a: 1 },
      ],
    ],
  },
  {
    name: "uuid",
    use: "makes and reads UUIDs",
    imports: 'import { parse, v4, v5, v7, validate, version } from "uuid";',
    calls: [
      ["[version(v4()), version(v7()), v4() === v4()]", [4, 7, false]],
      ["v5('a', v5.URL)", "e1407479-3136-56c0-9908-bb02fb0339e2"],
      ["[validate('x'), parse('00000000-0000-4000-8000-0000000000ff')[15]]", [false, 255]],
    ],
  },
  {
    name: "nanoid",
    use: "makes short ids",
    imports: 'import { customAlphabet, nanoid } from "nanoid";',
    calls: [
      ["nanoid().length", 21],
      ["/^[ab]{5}$/.test(customAlphabet('ab', 5)())", true],
      ["new Set(Array.from({ length: 100 }, () => nanoid())).size", 100],
    ],
  },
  {
    name: "ulid",
    use: "makes ids that sort by time",
    imports: 'import { decodeTime, monotonicFactory, ulid } from "ulid";',
    calls: [
      ["[ulid().length, decodeTime(ulid(5))]", [26, 5]],
      ["(() => { const next = monotonicFactory(); return next(5) < next(5); })()", true],
    ],
  },
  {
    name: "dayjs",
    use: "dates",
    imports:
      'import dayjs from "dayjs";\nimport timezone from "dayjs/plugin/timezone.js";\nimport utc from "dayjs/plugin/utc.js";\ndayjs.extend(utc);\ndayjs.extend(timezone);',
    calls: [
      ["dayjs.utc('2026-01-31').add(1, 'month').format('YYYY-MM-DD')", "2026-02-28"],
      ["dayjs('2026-01-02').diff('2026-01-01', 'hour')", 24],
      ["dayjs.utc(0).tz('Europe/Paris')", "ReferenceError: Intl is not defined"],
      ["dayjs.utc(0).endOf('day').toISOString()", "1970-01-01T23:59:59.999Z"],
    ],
    limit: "the plugin `timezone` needs `Intl`",
    note: "reckon in UTC, or with an offset",
  },
  {
    name: "ms",
    use: "reads and writes spans of time",
    imports: 'import ms from "ms";',
    calls: [
      ["ms('2.5 hrs')", 9_000_000],
      ["ms(60000, { long: true })", "1 minute"],
    ],
  },
  {
    name: "semver",
    use: "compares versions",
    imports: 'import semver from "semver";',
    calls: [
      ["semver.satisfies('1.2.3', '^1.2 || 2.x')", true],
      ["['1.10.0', '1.2.0', '1.2.0-a'].sort(semver.compare)", ["1.2.0-a", "1.2.0", "1.10.0"]],
      ["[semver.inc('1.2.3', 'minor'), semver.valid('x')]", ["1.3.0", null]],
    ],
  },
  {
    name: "lru-cache",
    use: "a bounded cache",
    imports: 'import { LRUCache } from "lru-cache";',
    calls: [
      [
        "(() => { const c = new LRUCache({ max: 2 }); c.set('a', 1).set('b', 2); c.get('a'); c.set('c', 3); return [c.has('b'), [...c.keys()]]; })()",
        [false, ["c", "a"]],
      ],
      [
        "(() => { const c = new LRUCache({ max: 9, ttl: 60_000 }); c.set('a', 1); return [c.get('a'), c.getRemainingTTL('a') > 0]; })()",
        [1, true],
      ],
      ["new LRUCache({ max: 9, fetchMethod: async (key) => key + '!' }).fetch('a')", "a!"],
    ],
    note: "what an isolate holds is lost when it is replaced: for what must last there is [`kv`](policies.md#capabilities)",
  },
  {
    name: "lodash-es",
    use: "handles arrays, objects and texts",
    imports: 'import { cloneDeep, debounce, get, groupBy, isEqual, merge, set, template } from "lodash-es";',
    calls: [
      ["groupBy([1.2, 1.8, 2.1], Math.floor)", { 1: [1.2, 1.8], 2: [2.1] }],
      ["merge({ a: { b: 1 } }, { a: { c: [2] } })", { a: { b: 1, c: [2] } }],
      [
        "[get({ a: [{ b: 3 }] }, 'a[0].b'), isEqual(cloneDeep(new Map([[1, [2]]])), new Map([[1, [2]]])), set({}, 'a.b', 1)]",
        [3, true, { a: { b: 1 } }],
      ],
      ["String(template('<%= a %>'))", DENIED],
    ],
    limit: "`template` makes code from strings",
    note: "take a template literal",
  },
  {
    name: "eventemitter3",
    use: "events within a policy",
    imports: 'import { EventEmitter } from "eventemitter3";',
    calls: [
      [
        "(() => { const seen = []; const e = new EventEmitter(); e.on('a', (x) => seen.push(x)); e.once('a', (x) => seen.push(-x)); e.emit('a', 1); e.emit('a', 2); return seen; })()",
        [1, -1, 2],
      ],
      ["new (class Mine extends EventEmitter {})().listenerCount('a')", 0],
    ],
  },
  {
    name: "tslib",
    use: "what TypeScript's output for old targets calls",
    limit: "`__extends` of Array and of Uint8Array assigns their `constructor`",
    note: "compile for ES2015 or later",
    imports: 'import { __extends, __generator, __spreadArray } from "tslib";',
    calls: [
      ["[...__generator({}, (state) => (state.label === 0 ? (state.label = 1, [4, 7]) : [2]))]", [7]],
      [
        "(() => { const Sub = (function (Super) { __extends(Sub, Super); function Sub() {} Sub.prototype.toString = () => 'mine'; return Sub; })(Map); return [String(Sub.prototype), Sub.prototype.constructor === Sub]; })()",
        ["mine", true],
      ],
      ["__spreadArray([1], [2])", [1, 2]],
    ],
  },
];
