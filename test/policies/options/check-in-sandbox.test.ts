import test from "ava";
import { checkInSandbox } from "../../../policies/options/check-in-sandbox.ts";
import type { Options } from "../../../policies/options/checked-options.ts";
import type { PolicyBundle } from "../../../sandbox/contract.ts";
import { SandboxError } from "../../../sandbox/errors.ts";
import { startSandbox } from "../../sandbox/support.ts";

const schema = {
  type: "object",
  properties: {
    rate: { type: "integer", minimum: 1, default: 20 },
    per: { enum: ["second", "minute"], default: "second" },
    match: { type: "string", pattern: "^\\w+$" },
    keys: { type: "array", items: { $ref: "#/definitions/key" } },
  },
  definitions: { key: { type: "object", properties: { id: { type: "string", default: "none" } } } },
  additionalProperties: false,
};

const levels = Array.from({ length: 40 }, (_, i) => {
  const next = { $ref: `#/definitions/l${i + 1}` };
  return [`l${i}`, { allOf: [next, next] }] as const;
});
const hostile: Readonly<Record<string, unknown>> = {
  "a pattern that is tried in 2^40 ways": {
    properties: { a: { type: "string", pattern: "^(a+)+$", default: `${"a".repeat(40)}!` } },
  },
  "references that unfold to 2^40 checks": {
    definitions: Object.fromEntries([...levels, ["l40", {}]]),
    $ref: "#/definitions/l0",
  },
};

test("options are checked in a sandbox, whatever the schema does there", async (t) => {
  const { sandbox } = await startSandbox(t, { limits: { loadTimeoutMs: 100 } });
  const exportsOf = async (bundle: PolicyBundle) => {
    const prepared = await sandbox.prepare(bundle);
    prepared.discard();
    return prepared.exports;
  };
  const check = (of: unknown, options: Options, maxMs?: number) =>
    checkInSandbox(of, options, exportsOf, maxMs);

  const given = { per: "minute", keys: [{}, { id: "a" }] };
  t.deepEqual(await check(schema, given), {
    options: { per: "minute", rate: 20, keys: [{ id: "none" }, { id: "a" }] },
  });
  t.deepEqual(given, { per: "minute", keys: [{}, { id: "a" }] });
  t.deepEqual(await check(schema, { rates: 5 }), {
    problem: "option `rates`: unknown (did you mean `rate`?)",
  });
  t.deepEqual(await check({ type: "text" }, {}), {
    problem:
      "its `optionsSchema` cannot be used: data/type must be equal to one of the allowed values, data/type must be array, data/type must match a schema in anyOf",
  });

  const formats = { properties: { a: { type: "array", items: { type: "string", format: "re2" } } } };
  t.deepEqual(await check(formats, { a: ["b+"] }), { options: { a: ["b+"] } });
  const { problem = "" } = (await check(formats, { a: ["b+", "("] })) as { readonly problem?: string };
  t.regex(problem, /^option `a\[1\]`: "\(" is no pattern/);

  for (const [what, of] of Object.entries(hostile)) {
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    t.deepEqual(
      await check(of, {}, 500),
      {
        problem:
          "its `optionsSchema` cannot be used: the check of these options does not end within 500 ms and the memory of `sandbox.memoryLimit`",
      },
      what,
    );
    clearInterval(count);
    t.true(turns > 1, `this process goes on meanwhile: ${what}`);
  }
  t.deepEqual(await check(schema, { rate: 1, per: "second" }), { options: { rate: 1, per: "second" } });
});

test("an answer that is none is a problem, and no answer from a host is not the schema's doing", async (t) => {
  const answered = (optionsSchema: unknown) =>
    checkInSandbox({}, { a: 1 }, async () => ({ hooks: [], optionsSchema }));
  for (const answer of [undefined, null, [], "x", {}, { changed: [] }, { changed: null }, { problem: 5 }]) {
    t.deepEqual(await answered(answer), {
      problem: "its `optionsSchema` cannot be used: the check of these options has no answer",
    });
  }
  t.deepEqual(await answered({ problem: "x".repeat(10_000) }), { problem: "x".repeat(4096) });
  const failing = (code: "ERR_HOST_START" | "ERR_POLICY_LOAD") =>
    checkInSandbox({}, {}, () => Promise.reject(new SandboxError(code, "no")));
  await t.throwsAsync(failing("ERR_HOST_START"), { message: "no" });
  t.regex(JSON.stringify(await failing("ERR_POLICY_LOAD")), /does not end within/);
});
