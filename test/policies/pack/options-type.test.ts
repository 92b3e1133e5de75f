import test from "ava";
import { renderOptionTypes } from "../../../policies/pack/options-type.ts";

const typeOf = (schema: unknown) =>
  renderOptionTypes({ a: schema }, "")
    .join("\n")
    .replace(/^readonly a: /, "");

test("what is required and has no default must be given; the rest may be", (t) => {
  const schema = {
    type: "object",
    required: ["rate", "per"],
    properties: {
      rate: { type: "integer", description: "How many." },
      per: { enum: ["second", "minute"], default: "second", description: "In which time." },
      "in-all": { type: ["boolean", "null"] },
    },
    additionalProperties: false,
  };
  t.deepEqual(typeOf(schema).split("\n"), [
    "{",
    "  /** How many. */",
    "  readonly rate: number;",
    '  /** In which time. Default: `"second"`. */',
    '  readonly per?: "second" | "minute";',
    '  readonly "in-all"?: boolean | null;',
    "};",
  ]);
});

test("lists, alternatives, and objects with keys of any name", (t) => {
  t.is(typeOf({ type: "array", items: { type: "string" } }), "readonly string[];");
  t.is(typeOf({ type: "array", items: { enum: [1, "a"] } }), 'readonly (1 | "a")[];');
  t.is(typeOf({ anyOf: [{ type: "string" }, { const: false }] }), "string | false;");
  t.is(
    typeOf({ type: "object", additionalProperties: { type: "number" } }),
    "{\n  readonly [option: string]: number;\n};",
  );
  t.is(
    typeOf({ properties: { b: {} } }),
    "{\n  readonly b?: unknown;\n  readonly [option: string]: unknown;\n};",
  );
  t.is(typeOf({ type: "object", additionalProperties: false }), "Readonly<Record<string, never>>;");
});

test("what a type cannot say lets everything pass", (t) => {
  for (const schema of [
    true,
    {},
    { $ref: "#/a" },
    { type: "text" },
    { type: "toString" },
    { enum: [{}] },
    5,
    null,
  ])
    t.is(typeOf(schema), "unknown;");
  const deep = Array.from({ length: 50 }).reduce<object>((items) => ({ type: "array", items }), {});
  t.regex(typeOf(deep), /^(readonly ){9}unknown(\[\]){9};$/);
});

test("a schema cannot write anything but types", (t) => {
  const text = `*/ export const a = 1; /* \n */`;
  const type = typeOf({
    properties: { [`"]: 1; ${text}`]: { enum: [text], description: text, default: text } },
  });
  t.deepEqual(
    type.split("\n").map((line) => line.trim()),
    [
      "{",
      '/** *\\/ export const a = 1; /* *\\/ Default: `"*\\/ export const a = 1; /* \\n *\\/"`. */',
      `readonly ${JSON.stringify(`"]: 1; ${text}`)}?: ${JSON.stringify(text)};`,
      "readonly [option: string]: unknown;",
      "};",
    ],
  );
});
