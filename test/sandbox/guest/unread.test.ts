import type { ExecutionContext } from "ava";
import fc from "fast-check";
import { fillExcerpts } from "../../../sandbox/client/calls/excerpts.ts";
import { parseJson } from "../../../sandbox/guest/globals/json.ts";
import { messageContext } from "../../../sandbox/guest/hooks/context.ts";
import { writeWithExcerpts } from "../../../sandbox/guest/hooks/json/excerpts.ts";
import { JsonReader } from "../../../sandbox/guest/hooks/json/json-reader.ts";
import type { WaitingCall } from "../../../sandbox/guest/hooks/seat.ts";
import { nearlyWritten, writtenName, writtenObject, writtenValue } from "../message/json-texts.ts";
import { shareSandbox } from "../shared-sandbox.ts";
import { faultOf, show } from "../support.ts";
import { processTest, test } from "../transports.ts";
import { UNUSUAL } from "./unusual-items.ts";

const useSandbox = shareSandbox();
const MOST = 1_048_576;

type Json = Record<string, unknown>;
/** `m` is what `json()` gives, `other` what it gave of another message before. */
type Rewriting = (json: () => Json, other: Json) => unknown;

const dig = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.length;
  const [first] = Object.values(value);
  return dig(first);
};

const lists = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** What policies do with messages. */
const REWRITINGS: Readonly<Record<string, Rewriting>> = {
  spread: (json) => ({ ...json(), user: "ada" }),
  spreadBefore: (json) => ({ user: "ada", ...json() }),
  assign: (json) => Object.assign(json(), { user: "ada" }),
  passOn: (json) => json(),
  wrap: (json) => ({ message: json() }),
  list: (json) => [json(), json().a],
  remove(json) {
    const m = json();
    delete m.a;
    return m;
  },
  move(json) {
    const { a, ...m } = json();
    return { ...m, moved: a, again: a };
  },
  swap(json) {
    const m = json();
    [m.a, m.b] = [m.b, m.a];
    return m;
  },
  look: (json) => ({ ...json(), seen: Object.values(json()).map(dig) }),
  lookInto(json) {
    const m = json();
    return { ...m, seen: Object.values(m).map(dig) };
  },
  change(json) {
    const m = json();
    for (const value of Object.values(m)) {
      if (typeof value === "object" && value !== null) (value as Json).changed = true;
      lists(value).push({ more: 1 });
    }
    return m;
  },
  deleteIn(json) {
    const m = json();
    for (const value of Object.values(m))
      if (typeof value === "object" && value !== null) delete (value as Json)[0];
    return m;
  },
  freeze(json) {
    const m = json();
    for (const value of Object.values(m)) Object.freeze(value);
    return { ...m, frozen: Object.values(m).map((value) => Object.isFrozen(value)) };
  },
  seal: (json) => Object.seal(json()),
  define(json) {
    const m = json();
    for (const value of Object.values(m))
      if (typeof value === "object" && value !== null)
        Object.defineProperty(value, "x", { value: 1, enumerable: true });
    return m;
  },
  asText(json) {
    const m = json();
    return { ...m, text: JSON.stringify(m) };
  },
  clone: (json) => structuredClone(Object.fromEntries(Object.entries(json()).map(([k, v]) => [k, copy(v)]))),
  entries: (json) => Object.fromEntries(Object.entries(json()).reverse()),
  kinds(json) {
    const m = json();
    return {
      ...m,
      kinds: Object.values(m).map((value) => [
        typeof value,
        Array.isArray(value),
        Object.getPrototypeOf(Object(value)) === Array.prototype,
        Object.prototype.toString.call(value),
        Object.is(m.a, m.a),
        "a" in m,
        Object.keys(Object(value)),
      ]),
    };
  },
  descriptors(json) {
    const m = json();
    return { ...m, all: Object.values(m).map((value) => Object.getOwnPropertyDescriptors(Object(value))) };
  },
  flat: (json) => ({ all: Object.values(json()).flat(), one: ([] as unknown[]).concat(json().a) }),
  toJson: (json) => ({ ...json(), toJSON: () => ({ told: Object.keys(json()) }) }),
  toJsonOfMember: (json) => ({ ...json(), when: { toJSON: (name: string) => `at ${name}` } }),
  leftOut: (json) => ({ ...json(), a: undefined, f() {}, [Symbol("s")]: 1 }),
  getter: (json) => ({
    ...json(),
    get late() {
      return 1;
    },
  }),
  noPrototype: (json) => Object.assign(Object.create(null), json()),
  ofClass: (json) => Object.assign(new (class Message {})(), json()),
  prototype(json) {
    const m = json();
    for (const value of Object.values(m))
      if (typeof value === "object" && value !== null) Object.setPrototypeOf(value, { toJSON: () => "told" });
    return m;
  },
  oneOfIt: (json) => json().a ?? null,
  keptBefore: (json, other) => ({ ...json(), a: other.a, kept: other.b }),
  keptOnly: (_, other) => ({ ...other }),
  cyclic(json) {
    const m = json();
    m.me = m;
    return m;
  },
  big: (json) => ({ ...json(), big: 1n }),
};

/** As libraries do it. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== "object" || value === null) return value;
  const all: Json = {};
  for (const key of Object.keys(value))
    Object.defineProperty(all, key, {
      value: copy((value as Json)[key]),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  return all;
}

const filler = fc.nat(300).map((length) => "x".repeat(length));
/** Large enough to be left unread, and of much that it takes long to parse, most often. */
const many = Array(90).fill("[]").join();
const large = fc
  .tuple(writtenValue, filler, fc.boolean())
  .map(([value, pad, isList]) =>
    isList ? `[ ${value},"é${pad}",${many}]` : `{"${pad}": ${value}, "":[${many}] }`,
  );
const name = writtenName("a", "b", "c", "user", "toJSON", "1", "then");
const message = writtenObject(
  name,
  fc.oneof({ weight: 1, arbitrary: writtenValue }, { weight: 2, arbitrary: large }),
).map(({ text }) => text);

interface Message {
  readonly call: WaitingCall;
  readonly json: () => Json;
}

/** As a hook gets it. */
function messageOf(body: string, reader = new JsonReader()): Message {
  const call = { body, isBinary: false, length: Buffer.byteLength(body), unread: undefined } as never;
  const seat = { types: { client: { text: { name: "application/json" } } } } as never;
  const { content } = messageContext(seat, "client", call, reader) as { readonly content: Message };
  return { call, json: content.json };
}

/** @returns what leaves, and whether a part of the message left as it was */
function leave({ call }: Message, body: unknown, maxBytes = MOST): { text: string; isKept: boolean } {
  const written = writeWithExcerpts(body, call, maxBytes);
  if (!written?.hasExcerpts) return { text: written?.text ?? JSON.stringify(body), isKept: false };
  const edited = { payload: { binary: false, bytes: Buffer.from(call.body as string) } };
  return { text: fillExcerpts(edited, Buffer.from(written.text), maxBytes).toString(), isKept: true };
}

/** @returns what leaves, normalised, or what is thrown; and whether a part of the message left as it was */
function rewrite(
  text: string,
  before: string,
  rewriting: Rewriting,
): { readonly said: string; readonly isKept: boolean } {
  const reader = new JsonReader();
  try {
    const message = messageOf(text, reader);
    const { text: said, isKept } = leave(message, rewriting(message.json, messageOf(before, reader).json()));
    return { said: normalise(said), isKept };
  } catch (error) {
    return { said: String(error).split("\n")[0] as string, isKept: false };
  }
}

function rewritePlainly(text: string, before: string, rewriting: Rewriting): string {
  try {
    return normalise(JSON.stringify(rewriting(() => parseJson(text) as Json, parseJson(before) as Json)));
  } catch (error) {
    return String(error).split("\n")[0] as string;
  }
}

function normalise(text: string | undefined): string {
  return text === undefined ? "undefined" : JSON.stringify(parseJson(text));
}

for (const [title, rewriting] of Object.entries(REWRITINGS)) {
  processTest(`property: \`${title}\` gives what it gives of JSON.parse`, (t) => {
    fc.assert(
      fc.property(message, message, (text, before) => {
        t.is(
          rewrite(text, before, rewriting).said,
          rewritePlainly(text, before, rewriting),
          text.slice(0, 2000),
        );
      }),
      { numRuns: 150 },
    );
  });
}

processTest("property: what is nearly JSON is refused in the words of JSON.parse", (t) => {
  fc.assert(
    // Half a character cannot be sent.
    fc.property(
      nearlyWritten(message).filter((text) => text.isWellFormed()),
      (text) => {
        t.is(
          rewrite(text, "{}", REWRITINGS.spread as Rewriting).said,
          rewritePlainly(text, "{}", REWRITINGS.spread as Rewriting),
          text.slice(0, 2000),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

processTest("what nobody looks at goes on to the byte, wherever it is put", (t) => {
  const text = `{ "é": 1e0, "items": ${UNUSUAL}, "more": ${UNUSUAL} }`;
  const leaves = (rewriting: Rewriting) => {
    const message = messageOf(text);
    return leave(message, rewriting(message.json, {})).text;
  };
  t.is(
    leaves((json) => ({ ...json(), user: "ada" })),
    `{"é":1,"items":${UNUSUAL},"more":${UNUSUAL},"user":"ada"}`,
  );
  t.is(
    leaves((json) => {
      const { items, more } = json();
      return { more, all: items, twice: items };
    }),
    `{"more":${UNUSUAL},"all":${UNUSUAL},"twice":${UNUSUAL}}`,
  );
  t.is(
    leaves((json) => {
      const m = json();
      t.is((m.items as unknown[]).length, 20);
      return m;
    }),
    `{"é":1,"items":${JSON.stringify(JSON.parse(UNUSUAL))},"more":${UNUSUAL}}`,
  );
});

processTest("what is too large with excerpts is written anew, and so is what has many members", (t) => {
  const text = `{"items":${UNUSUAL}}`;
  const plain = JSON.stringify(JSON.parse(text));
  for (const [maxBytes, isKept] of [
    // The mark itself counts too.
    [Buffer.byteLength(text) + 12, true],
    [Buffer.byteLength(text) - 1, false],
  ] as const) {
    const message = messageOf(text);
    t.deepEqual(leave(message, message.json(), maxBytes), { text: isKept ? text : plain, isKept });
  }
  for (const [names, isKept] of [
    [63, true],
    [64, false],
  ] as const) {
    const message = messageOf(text);
    const more = Object.fromEntries(Array.from({ length: names }, (_, n) => [`n${n}`, n]));
    t.is(leave(message, { ...message.json(), ...more }).isKept, isKept);
  }
});

processTest(
  "a body is asked for what it has once, and what that looks into is written as it has seen it",
  (t) => {
    const text = `{"items":${UNUSUAL}}`;
    const times = (bodyOf: (m: Json, count: () => undefined) => object, maxBytes = MOST) => {
      let times = 0;
      const message = messageOf(text);
      const body = bodyOf(message.json(), () => void times++);
      try {
        return { ...leave(message, body, maxBytes), times };
      } catch (error) {
        return { text: String(error), times };
      }
    };
    const getter = (m: Json, count: () => undefined) => ({
      ...m,
      get late() {
        count();
        return 1;
      },
    });
    t.like(times(getter), { times: 1, isKept: true });
    t.like(times(getter, 500), { times: 1, isKept: false });
    t.like(
      times((m, count) => ({
        ...m,
        get late() {
          count();
          throw new Error("not now");
        },
      })),
      { times: 1, text: "Error: not now" },
    );
    const looks = times((m, count) => ({
      ...m,
      late: {
        toJSON() {
          count();
          return (m.items as unknown[]).length;
        },
      },
    }));
    t.deepEqual(looks, {
      text: JSON.stringify({ items: JSON.parse(UNUSUAL), late: 20 }),
      isKept: false,
      times: 1,
    });
    t.like(
      times((_, count) => ({ toJSON: () => count() ?? 1 })),
      { times: 1, text: "1" },
    );
  },
);

processTest("what JSON.stringify takes for something else than an object is none", (t) => {
  const text = `{"items":${UNUSUAL}}`;
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };
  const bodies = (m: Json) => [
    Object.setPrototypeOf([1, m.items], Object.prototype),
    rawJSON("1"),
    [m.items],
  ];
  for (const at of bodies({}).keys()) {
    const message = messageOf(text);
    const body = bodies(message.json())[at];
    t.is(writeWithExcerpts(body, message.call, MOST), undefined);
  }
});

test("in the sandbox: what is kept, changed, awaited, too large or not JSON", async (t: ExecutionContext) => {
  const fixture = await useSandbox();
  const source = (code: string) => `let last; export const client = ${code};`;
  const use = async (policy: string, code: string) => {
    await fixture.use(policy, source(code));
    return fixture.seat(policy).client;
  };
  const text = `{ "n": 1.0, "items": ${UNUSUAL} }`;
  const plain = JSON.stringify(JSON.parse(UNUSUAL));

  const spread = await use(
    "spread",
    '({ content }) => ({ content: { body: { ...content.json(), u: "é" } } })',
  );
  t.deepEqual(show(await spread(text)), { body: `{"n":1,"items":${UNUSUAL},"u":"é"}` });
  t.deepEqual(show(await spread(text)), { body: `{"n":1,"items":${UNUSUAL},"u":"é"}` });
  t.regex(faultOf(await spread(`${text}}`)).message, /SyntaxError/);

  const awaits = await use(
    "awaits",
    "async ({ content }) => { const m = content.json(); await null; return { content: { body: m } }; }",
  );
  t.deepEqual(show(await awaits(text)), { body: `{"n":1,"items":${UNUSUAL}}` });

  const keeps = await use(
    "keeps",
    "({ content }) => { const m = content.json(); const before = last; last = m; return { content: { body: { ...m, ...before } } }; }",
  );
  t.deepEqual(show(await keeps(text)), { body: `{"n":1,"items":${UNUSUAL}}` });
  const other = `{ "n": 2, "items": ${UNUSUAL.replace("item 3", "other")} }`;
  t.deepEqual(show(await keeps(other)), { body: `{"n":1,"items":${plain}}` });

  const stores = await use(
    "stores",
    `({ content, session }) => {
      const m = content.json();
      const { n } = session.last ?? {};
      session.last = m;
      return { content: { body: m }, append: n === undefined ? [] : [{ n, m }] };
    }`,
  );
  t.deepEqual(show(await stores(text)), { body: `{"n":1,"items":${plain}}` });
  t.deepEqual(show(await stores(other)), {
    body: `{"n":2,"items":${plain.replace("item 3", "other")}}`,
    append: [`{"n":1,"m":{"n":2,"items":${plain.replace("item 3", "other")}}}`],
  });

  const throws = await use(
    "throws",
    "({ content }) => ({ content: { body: { ...content.json(), get late() { throw new Error('not now'); } } } })",
  );
  t.regex(
    faultOf(await throws(text)).message,
    /expected `content.body` to be a string, bytes or a value that JSON can hold, but JSON.stringify failed: Error: not now/,
  );

  const types = await use("types", "({ content }) => ({ content: { body: content.json() } })");
  t.deepEqual(show(await types(text)), { body: `{"n":1,"items":${UNUSUAL}}` });
  const inText = fixture.seat("types", { contentType: "text/plain" }).client;
  t.regex(faultOf(await inText(text)).message, /a string or bytes for type text\/plain/);
});

test("in the sandbox: a member of any name is there, whatever the frozen prototypes have of that name", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "names",
    `const lookAt = (value) => { try { void value.x; } catch {} return value; };
    export const client = ({ content }) => ({ content: { body: Object.values(content.json()).map(lookAt) } });`,
  );
  const pad = JSON.stringify(Array(200).fill([]));
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    const member = `{"before":1,"${name}":${pad},"after":2}`;
    // Of names of their own, so that each is unread.
    const text = `{"${name} 1":${member},"${name} 2":[${member}]}`;
    t.deepEqual(show(await fixture.seat("names").client(text)), { body: `[${member},[${member}]]` }, name);
  }
});

test("in the sandbox: what is looked at in one `json()` of a message does not leave unread from another", async (t) => {
  const fixture = await useSandbox();
  const pad = JSON.stringify(Array(200).fill([]));
  const order = (amounts: string) => `{"order":{${amounts},"pad":${pad}}}`;
  const twice = order('"amount":100000, "amount":1');
  const once = order('"amount":1');
  const looks: Readonly<Record<string, readonly [code: string, leaves: string]>> = {
    first: ["const m = json(); seen = json().order.amount", once],
    second: ["seen = json().order.amount; const m = json()", once],
    sameTwo: ["const m = json(); seen = m.order.amount; json()", once],
    none: ["const m = json(); seen = 1", twice],
    three: ["json(); json(); const m = json(); seen = m.order.amount", once],
  };
  for (const [policy, [code, leaves]] of Object.entries(looks)) {
    await fixture.use(
      policy,
      `export const client = ({ content: { json } }) => {
        let seen;
        ${code};
        return seen === 1 ? { content: { body: { ...m } } } : { drop: true };
      };`,
    );
    t.deepEqual(show(await fixture.seat(policy).client(twice)), { body: leaves }, policy);
  }
});

processTest("of a `content` that is kept no more is held than of its first `json()`", (t) => {
  const text = `{"items":${UNUSUAL}}`;
  const { call, json } = messageOf(text);
  const held = () => call.unread?.length;
  t.is(held(), undefined);
  const first = json();
  t.is(held(), 1);
  for (let n = 0; n < 10; n++) t.deepEqual(json(), JSON.parse(text));
  t.is(held(), 0);
  t.deepEqual(first, JSON.parse(text));
});
