import test from "ava";
import { checkOptions } from "../../policies/use-options.ts";

const schema = {
  type: "object",
  properties: {
    rate: { type: "integer", minimum: 1, default: 20 },
    per: { enum: ["second", "minute"], default: "second" },
    keys: {
      type: "array",
      items: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
    },
  },
  additionalProperties: false,
};
const problemOf = (options: object, of: unknown = schema, maxMs?: number) => {
  const checked = checkOptions(of, { ...options }, maxMs);
  return "problem" in checked ? checked.problem : "none";
};

test.serial("a check that was stopped half-way leaves nothing behind", (t) => {
  const slow = { properties: { a: { type: "string", pattern: "^(a+)+$", default: `${"a".repeat(40)}!` } } };
  t.regex(problemOf({}, slow, 1), /timed out/);
  t.is(problemOf({ rate: 5 }), "none");
});

test("defaults are filled in, and what the config holds stays as it was", (t) => {
  const given = { keys: [{ id: "a" }] };
  t.deepEqual(checkOptions(schema, given), {
    options: { keys: [{ id: "a" }], rate: 20, per: "second" },
  });
  t.deepEqual(given, { keys: [{ id: "a" }] });
  t.deepEqual(checkOptions(undefined, { any: 1 }), { options: { any: 1 } });
});

test("a problem names the option, what was expected and what was found", (t) => {
  t.is(problemOf({ rate: "20" }), 'option `rate`: expected integer, got "20"');
  t.is(problemOf({ rate: 0 }), "option `rate`: expected >= 1, got 0");
  t.is(problemOf({ per: "hour" }), 'option `per`: expected "second" or "minute", got "hour"');
  t.is(problemOf({ rates: 5 }), "option `rates`: unknown; did you mean `rate`?");
  t.is(problemOf({ keys: [{}] }), "option `keys[0].id`: expected it, but it is missing");
  t.is(
    problemOf(
      { a: 1 },
      { anyOf: [{ required: ["b"] }, { properties: { a: { type: "string" } }, required: ["a"] }] },
    ),
    "option `a`: expected string, got 1",
  );
});

test("a schema that is none is a problem", (t) => {
  t.regex(problemOf({}, 5), /^its `optionsSchema` cannot be used: expected a JSON Schema, got 5$/);
  t.regex(problemOf({}, { type: "text" }), /^its `optionsSchema` cannot be used: .*type/);
  t.regex(problemOf({}, { properties: { a: 5 } }), /cannot be used: .*properties\/a must be object,boolean/);
  t.regex(
    problemOf({}, { $schema: "https://json-schema.org/draft/2020-12/schema" }),
    /cannot be used: no schema/,
  );
  t.regex(problemOf({}, { minimun: 5 }), /unknown keyword: "minimun"/);
});

test("a schema can neither hold up a tool for ever nor reach beyond the options", (t) => {
  const slow = {
    properties: { a: { type: "string", pattern: "^(a+)+$", default: `${"a".repeat(40)}!` } },
  };
  t.regex(problemOf({}, slow, 200), /cannot be used: .*timed out/);
  const levels = Array.from({ length: 40 }, (_, i) => [
    `l${i}`,
    { allOf: [{ $ref: `#/definitions/l${i + 1}` }, { $ref: `#/definitions/l${i + 1}` }] },
  ]);
  const bomb = { definitions: Object.fromEntries([...levels, ["l40", {}]]), $ref: "#/definitions/l0" };
  t.regex(problemOf({}, bomb, 200), /cannot be used: .*timed out/);

  const pollution = JSON.parse('{"properties":{"__proto__":{"properties":{"polluted":{"default":1}}}}}');
  checkOptions(pollution, {});
  t.is(({} as { polluted?: number }).polluted, undefined);
});
