import test from "ava";
import { checkWhen, MAX_FILTER_MEMBERS, MAX_FILTER_VALUES } from "../../../sandbox/wire/when.ts";

const HOOKS = ["client", "server"];
const json = (value: unknown) => ({ client: { json: value } });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

for (const when of [
  { client: { opcode: "text" }, server: { minLength: 0, maxLength: 0 } },
  { client: { includes: "é", startsWith: "{", json: { type: ["order", 1, "1", true, null] } } },
  { client: { body: false } },
  json(JSON.parse('{"__proto__":[""],"":[0]}')),
  json(Object.fromEntries(numbers(MAX_FILTER_MEMBERS).map((number) => [number, numbers(MAX_FILTER_VALUES)]))),
]) {
  test(`a filter: ${JSON.stringify(when).slice(0, 90)}`, (t) => {
    t.is(checkWhen(when, HOOKS), undefined);
  });
}

for (const [when, message] of [
  [[], /^expected `when` to be an object such as /],
  [null, /^expected `when` to be an object such as .*, got null$/],
  ["text", /^expected `when` to be an object such as .*, got "text"$/],
  [{}, /^expected `when` to be an object with `client`, `server` or `tick`/],
  [{ clients: {} }, /^expected `when` to have `client`, `server` and `tick`, got `clients`$/],
  [{ upgrade: { opcode: "text" } }, /^expected `when` to have `client`, `server` and `tick`, got `upgrade`$/],
  [
    { tick: { every: 100 } },
    /^`when\.tick` says how often the hook `tick` is called, and there is no such export$/,
  ],
  [{ client: [] }, /^expected `when\.client` to be an object such as /],
  [{ client: {} }, /^expected `when\.client` to say something: `opcode`, /],
  [{ client: { type: ["order"] } }, /^expected `when\.client` to have `opcode`, .* and `body`, got `type`$/],
  [{ server: { opcode: 1 } }, /^expected `when\.server\.opcode` to be "text" or "binary", got 1$/],
  [{ client: { opcode: "ping" } }, /got "ping"$/],
  [
    { client: { minLength: -1 } },
    /^expected `when\.client\.minLength` to be a whole number of bytes, got -1$/,
  ],
  [{ client: { maxLength: 1.5 } }, /^expected `when\.client\.maxLength` /],
  [{ client: { maxLength: "1KiB" } }, /^expected `when\.client\.maxLength` .*, got "1KiB"$/],
  [
    { client: { minLength: 2, maxLength: 1 } },
    /^expected `when\.client\.minLength` to be at most `maxLength`, 1, got 2$/,
  ],
  [
    { client: { includes: "" } },
    /^expected `when\.client\.includes` to be a text that is not empty, got ""$/,
  ],
  [{ client: { startsWith: ["a"] } }, /^expected `when\.client\.startsWith` to be a text/],
  [
    { client: { includes: "\ud83d" } },
    /^expected `when\.client\.includes` to be text that UTF-8 has bytes for/,
  ],
  [
    { client: { includes: "x".repeat(65) } },
    /^expected `when\.client\.includes` to have at most 64 characters, got 65$/,
  ],
  [
    { client: { body: true } },
    /^expected `when\.client\.body` to be false where the hook reads no bodies, and absent where it does, got true$/,
  ],
  [{ client: { opcode: "text", body: null } }, /^expected `when\.client\.body` .*, got null$/],
  [json(["order"]), /^expected `when\.client\.json` to be an object such as /],
  [json({}), /^expected `when\.client\.json` to name 1 to 16 members, got 0$/],
  [json(Object.fromEntries(numbers(17).map((number) => [number, [1]]))), /got 17$/],
  [
    json({ type: "order" }),
    /^expected `when\.client\.json\.type` to be a list of values such as .*, got "order"$/,
  ],
  [json({ type: [] }), /^expected `when\.client\.json\.type` to have 1 to 256 values, got 0$/],
  [json({ type: numbers(257) }), /got 257$/],
  [
    json({ type: ["order", ["cancel"]] }),
    /^expected `when\.client\.json\.type\[1\]` to be a string, number, boolean or null, got \["cancel"\]$/,
  ],
  [json({ type: ["order", "order"] }), /^expected `when\.client\.json\.type` to have each value once$/],
  [json({ type: [{}] }), /got \{\}$/],
] as const) {
  test(`no filter: ${JSON.stringify(when).slice(0, 90)}`, (t) => {
    t.regex(checkWhen(when, HOOKS) ?? "", message);
  });
}

test("a filter is for a hook that is there", (t) => {
  t.is(
    checkWhen({ server: { opcode: "text" } }, ["client"]),
    "`when.server` says which messages the hook `server` is for, and there is no such export",
  );
});

test("an interval of ticks is a number of milliseconds that the gateway's clock can tell apart", (t) => {
  const check = (tick: unknown) => checkWhen({ tick }, ["tick"]);
  t.is(check({ every: 50 }), undefined);
  t.is(check({ every: 86_400_000 }), undefined);
  const range =
    "expected `when.tick.every` to be milliseconds from 50, the smallest distance of ticks, to 31622400000";
  for (const [every, got] of [
    [49, "49"],
    [0, "0"],
    [null, "null"],
    ["1s", '"1s"'],
    [undefined, "null"],
    [1e15, "1000000000000000"],
  ])
    t.is(check({ every }), `${range}, got ${got}`);
  t.is(check(50), "expected `when.tick` to be an object { every }, in milliseconds from 50, got 50");
  t.is(check({ in: 5 }), "expected `when.tick` to have `every`, got `in`");
});
