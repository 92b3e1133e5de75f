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
  t.is(problemOf({ rates: 5 }), "option `rates`: unknown (did you mean `rate`?)");
  t.is(problemOf({ keys: [{}] }), "option `keys[0].id`: expected it, but it is missing");
  t.is(
    problemOf(
      { a: 1 },
      { anyOf: [{ required: ["b"] }, { properties: { a: { type: "string" } }, required: ["a"] }] },
    ),
    "option `a`: expected string, got 1",
  );
});

test("all that is wrong is told at once: names that are none, what is missing, then values", (t) => {
  const strict = { ...schema, required: ["rate", "per", "keys"] };
  const without = { ...strict, properties: { ...schema.properties, rate: {}, per: {} } };
  t.is(problemOf({ kes: [], rate: 1 }, without), [unknownKes, perMissing].join("; "));
  t.is(
    problemOf({ other: 1, keys: 5 }, without),
    "option `other`: unknown (known here: rate, per, keys); option `rate`: expected it, but it is missing; option `per`: expected it, but it is missing; option `keys`: expected array, got 5",
  );
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`other${index}`, 1]));
  t.regex(
    problemOf(many),
    /^option `other0`: .*option `other7`: unknown \(known here: rate, per, keys\); and 3 more$/,
  );
});
const unknownKes = "option `kes`: unknown (did you mean `keys`?)";
const perMissing = "option `per`: expected it, but it is missing";

test("alternatives are told as such, and what was begun of one is told of that one", (t) => {
  const required = (...names: string[]) => ({ required: names });
  const keys = {
    properties: { jwks: {}, keys: {}, secret: {} },
    oneOf: [required("jwks"), required("keys"), required("secret")],
    if: required("secret"),
    // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
    then: {},
    else: { properties: { algorithm: { const: "RS256" } } },
    additionalProperties: { type: "string" },
  };
  t.is(problemOf({}, keys), "expected one of `jwks`, `keys`, `secret`, but all are missing");
  t.is(
    problemOf({ algorithm: "HS256" }, keys),
    "expected one of `jwks`, `keys`, `secret`, but all are missing",
  );
  t.is(
    problemOf({ keys: [], secret: "" }, keys),
    "expected one of `jwks`, `keys`, `secret`, got `keys` and `secret`",
  );
  const closed = { ...keys, additionalProperties: false };
  t.is(problemOf({ secrt: "" }, closed), "option `secrt`: unknown (did you mean `secret`?)");

  const pairs = { anyOf: [required("by", "routes"), required("weights")] };
  t.is(problemOf({}, pairs), "expected `by` and `routes`, or `weights`, but all are missing");
  t.is(problemOf({ by: 1 }, pairs), "option `routes`: expected it, but it is missing");

  const flag = { anyOf: [required("keys"), { properties: { all: { const: true } }, required: ["all"] }] };
  t.is(problemOf({}, flag), "expected one of `keys`, `all: true`, but all are missing");
  t.is(problemOf({ all: false }, flag), "expected one of `keys`, `all: true`, got none of them");

  const kinds = { definitions: { text: { type: "string" } } };
  const from = { anyOf: [{ $ref: "#/definitions/text" }, { type: "object" }, { enum: [false] }] };
  t.is(
    problemOf({ from: 5 }, { ...kinds, properties: { from } }),
    "option `from`: expected string or object or false, got 5",
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
