import fc from "fast-check";

/** Numbers that lengths and counts are confused by. */
export const edges = fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);
const uint32 = fc.oneof(fc.nat(300), edges, fc.nat(0xffff_ffff));

type Edit = (bytes: Buffer) => Buffer;

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  }),
  fc.tuple(fc.nat(), uint32).map(([at, value]) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    if (copy.length >= 4) copy.writeUInt32LE(value, at % (copy.length - 3));
    return copy;
  }),
  fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % (bytes.length + 1))),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([at, more]) => (bytes: Buffer) => {
    const place = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, place), more, bytes.subarray(place)]);
  }),
  fc.tuple(fc.nat(), fc.nat(64)).map(([at, count]) => (bytes: Buffer) => {
    const place = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, place + count), bytes.subarray(place)]);
  }),
);

/** These bytes with up to `most` edits: changed, cut, lengthened, a part of them twice. */
export function nearly(whole: fc.Arbitrary<Uint8Array>, most = 3): fc.Arbitrary<Buffer> {
  return fc
    .tuple(whole, fc.array(edits, { maxLength: most }))
    .map(([bytes, changes]) => changes.reduce<Buffer>((so, edit) => edit(so), Buffer.from(bytes)));
}

/** Text put together of the words that its reader knows, of others, and of many of one. */
export function wordsOf(...words: readonly string[]): fc.Arbitrary<string> {
  const word = fc.constantFrom(...words);
  const part = fc.oneof(
    { weight: 12, arbitrary: word },
    { weight: 3, arbitrary: fc.string({ maxLength: 6 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
    { weight: 1, arbitrary: fc.tuple(word, fc.nat(2000)).map(([one, times]) => one.repeat(times)) },
  );
  return fc.array(part, { maxLength: 16 }).map((parts) => parts.join(""));
}

/** Stands for a value that goes deeper than `JSON.stringify` could write it. */
const DEEP = "\u0001deep";
/** More than code that walks a value by calling itself can go. */
const LEVELS = 10_000;
const DEEP_LIST = `${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}`;
const DEEP_OBJECT = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`;

const odd: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    2 ** 53,
    "",
    [],
    {},
    "__proto__",
    "\u0000",
    "x".repeat(300),
  ),
  fc.constantFrom<unknown>(
    { length: 5 },
    { toString: 1 },
    { constructor: {} },
    [[]],
    [null],
    ["a", "a"],
    DEEP,
    `${DEEP}{`,
  ),
);

/**
 * The JSON of one of these values, with up to three changes anywhere in it: another value in place of one, a value gone, a
 * key more, or what stands elsewhere in it.
 */
export function nearlyJson(...right: readonly unknown[]): fc.Arbitrary<string> {
  const change = fc.tuple(fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }), fc.nat(5), odd, fc.nat(50));
  return fc.tuple(fc.constantFrom(...right), fc.array(change, { maxLength: 3 })).map(([value, changes]) => {
    let root: unknown = structuredClone(value);
    for (const [path, how, other, which] of changes)
      root = changeAt(root, path, { how, other: structuredClone(other), which });
    return deepen(JSON.stringify(root) ?? "null");
  });
}

interface Change {
  readonly how: number;
  readonly other: unknown;
  readonly which: number;
}

function changeAt(value: unknown, path: readonly number[], change: Change): unknown {
  const [step, ...rest] = path;
  if (typeof value !== "object" || value === null || step === undefined) return change.other;
  const place = value as Record<string, unknown>;
  const keys = Object.keys(place);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return change.other;
  if (rest.length > 0 && typeof place[key] === "object") {
    place[key] = changeAt(place[key], rest, change);
    return value;
  }
  const { how, other, which } = change;
  if (how === 0 && !Array.isArray(value)) delete place[key];
  else if (how === 1 && !Array.isArray(value))
    Object.defineProperty(place, MORE_KEYS[which % MORE_KEYS.length] ?? "", own(other));
  else place[key] = how === 2 ? structuredClone(place[keys[which % keys.length] ?? key]) : other;
  return value;
}

const MORE_KEYS = ["__proto__", "constructor", "toString", "length", "more", "0", ""];

function own(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}

function deepen(json: string): string {
  return json.replaceAll(JSON.stringify(`${DEEP}{`), DEEP_OBJECT).replaceAll(JSON.stringify(DEEP), DEEP_LIST);
}
