import { z } from "zod";

/** Problems of the options of a runtime, for a program that no compiler has told. Throws an error that lists all of them. */
export function requireRuntimeOptions(options: unknown): void {
  const { error } = runtimeSchema.safeParse(options);
  if (error === undefined) return;
  throw new Error(["createRuntime: the options have problems:", ...error.issues.flatMap(lines)].join("\n  "));
}

function expecting(words: string) {
  return {
    error: ({ code }: { readonly code?: string }) =>
      code === "unrecognized_keys" ? undefined : `expected ${words}`,
  };
}

const number = (least: number) =>
  z.number(expecting("a number")).min(least, expecting(`a number, at least ${least}`));
const above = number(1);
const call = z.custom((value) => typeof value === "function", expecting("a function"));
const texts = z.array(z.string(expecting("text")), expecting("a list of texts"));
const named = z.strictObject(
  { namespace: z.string(expecting("text")).optional() },
  expecting("an object such as {}"),
);

const grantSchema = z.strictObject(
  {
    fetch: z
      .strictObject(
        {
          hosts: texts,
          methods: texts,
          maxRequestBytes: above,
          maxResponseBytes: above,
          timeoutMs: above,
          private: z.boolean(expecting("true or false")),
        },
        expecting("an object"),
      )
      .optional(),
    kv: named.optional(),
    rates: named.optional(),
    secrets: texts.optional(),
    alert: z.literal(true, expecting("true")).optional(),
  },
  expecting("an object such as { kv: {} }"),
);

const runtimeSchema = z
  .strictObject(
    {
      limits: z
        .strictObject(
          {
            messageTimeoutMs: above,
            upgradeTimeoutMs: above,
            loadTimeoutMs: above,
            asyncTimeoutMs: above,
            memoryLimitMb: number(8),
            maxResultBytes: above,
          },
          expecting("an object"),
        )
        .partial()
        .optional(),
      host: z
        .strictObject(
          {
            heartbeatMs: above,
            silenceMs: above,
            maxRssBytes: above,
            quarantineMs: number(0),
            os: z.enum(["auto", "require", "off"], expecting('"auto", "require" or "off"')),
          },
          expecting("an object"),
        )
        .partial()
        .optional(),
      standby: z.boolean(expecting("true or false")).optional(),
      grants: z
        .record(z.string(), grantSchema, expecting("an object of grants by the names of policies"))
        .optional(),
      secrets: z
        .record(z.string(), z.string(expecting("text")), expecting("an object of values by their names"))
        .optional(),
      kv: z.custom((value) => typeof value === "object" && value !== null, expecting("a store")).optional(),
      onLog: call.optional(),
      onAlert: call.optional(),
      onEvent: call.optional(),
    },
    expecting("an object"),
  )
  .superRefine(({ grants = {}, secrets = {} }, context) => {
    for (const [policy, grant] of Object.entries(grants)) {
      for (const [index, name] of (grant.secrets ?? []).entries()) {
        if (Object.hasOwn(secrets, name)) continue;
        const message = `expected one of \`secrets\` (${Object.keys(secrets).join(", ") || "none"}), got "${name}"`;
        context.addIssue({ code: "custom", path: ["grants", policy, "secrets", index], message });
      }
    }
  });

function lines(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== "unrecognized_keys") return [`${issue.path.join(".")}: ${issue.message}`];
  return issue.keys.map((key) => `${[...issue.path, key].join(".")}: unknown option`);
}
