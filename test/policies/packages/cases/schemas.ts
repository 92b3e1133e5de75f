import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { DENIED, type PackageCase } from "../package-case.ts";

const ORDER = { type: "object", required: ["sku"], properties: { sku: { type: "string", maxLength: 3 } } };

export const schemas: readonly PackageCase[] = [
  {
    name: "zod",
    use: "checks a message by a schema",
    imports: 'import { z } from "zod";',
    calls: [
      [
        'z.object({ id: z.uuid(), n: z.int().positive(), tag: z.string().default("x") }).parse({ id: "a3bb189e-8bf9-3888-9912-ace4e6543002", n: 2 })',
        { id: "a3bb189e-8bf9-3888-9912-ace4e6543002", n: 2, tag: "x" },
      ],
      ['z.object({ n: z.number() }).safeParse({ n: "1" }).error.issues.map(({ path }) => path)', [["n"]]],
      [
        'z.discriminatedUnion("type", [z.object({ type: z.literal("a") }), z.object({ type: z.literal("b"), at: z.iso.datetime() })]).parse({ type: "b", at: "2026-01-01T00:00:00Z" }).type',
        "b",
      ],
    ],
  },
  {
    name: "valibot",
    use: "checks a message by a schema; small bundles",
    imports: 'import * as v from "valibot";',
    calls: [
      ["v.parse(v.object({ n: v.pipe(v.string(), v.toNumber(), v.minValue(1)) }), { n: '2' })", { n: 2 }],
      ["v.safeParse(v.object({ mail: v.pipe(v.string(), v.email()) }), { mail: 'x' }).success", false],
      ["v.is(v.variant('t', [v.object({ t: v.literal('a') })]), { t: 'a' })", true],
    ],
  },
  {
    name: "ajv",
    use: "checks a message by a JSON schema",
    imports: 'import { Ajv } from "ajv";\nimport isOrder from "./is-order.js";',
    files: () => ({
      "is-order.js": standalone.default(
        new Ajv({ code: { source: true, esm: true } }),
        new Ajv({ code: { source: true, esm: true } }).compile(ORDER),
      ),
    }),
    calls: [
      ["isOrder({ sku: 'abc' })", true],
      [
        "[isOrder({ sku: 'abcd' }), isOrder.errors[0].message]",
        [false, "must NOT have more than 3 characters"],
      ],
      ["new Ajv().compile({ type: 'string' })", DENIED],
    ],
    limit: "`compile` makes code from strings",
    note: "generate [standalone code](https://ajv.js.org/standalone.html) in your build and import that, or use `zod`, `valibot` or [the policy `@framegate/standard/json-schema`](standard/json-schema.md)",
  },
];
