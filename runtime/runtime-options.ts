import { z } from "zod";
import { atLeast, expecting, only, requireShape, string, strings, yesOrNo } from "./option-shapes.ts";

/** Problems of the options of a runtime, for a program that no compiler has told. Throws an error that lists all of them. */
export function requireRuntimeOptions(options: unknown): void {
  requireShape("createRuntime", runtimeSchema, options);
}

/** The same of those of `load`. */
export function requireLoadOptions(options: unknown): void {
  requireShape("load", loadSchema, options);
}

/** The same of those of `connection`. */
export function requireConnectionOptions(options: unknown): void {
  requireShape("connection", connectionSchema, options);
}

const above = atLeast(1);
const call = z.custom((value) => typeof value === "function", expecting("a function"));
const plain = z.custom(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  expecting("an object"),
);
const named = only({ namespace: string.optional() }, "an object such as {}");

const grantSchema = only(
  {
    fetch: only(
      {
        hosts: strings,
        methods: strings,
        maxRequestBytes: above,
        maxResponseBytes: above,
        timeoutMs: above,
        private: yesOrNo,
      },
      "an object",
    ).optional(),
    kv: named.optional(),
    rates: named.optional(),
    secrets: strings.optional(),
    alert: z.literal(true, expecting("true")).optional(),
  },
  "an object such as { kv: {} }",
);

const runtimeSchema = only(
  {
    limits: only(
      {
        messageTimeoutMs: above,
        upgradeTimeoutMs: above,
        loadTimeoutMs: above,
        asyncTimeoutMs: above,
        memoryLimitMb: atLeast(8),
        maxResultBytes: above,
      },
      "an object",
    )
      .partial()
      .optional(),
    host: only(
      {
        heartbeatMs: above,
        silenceMs: above,
        maxRssBytes: above,
        quarantineMs: atLeast(0),
        os: z.enum(["auto", "require", "off"], expecting('"auto", "require" or "off"')),
      },
      "an object",
    )
      .partial()
      .optional(),
    standby: yesOrNo.optional(),
    grants: z
      .record(z.string(), grantSchema, expecting("an object of grants by the names of policies"))
      .optional(),
    secrets: z.record(z.string(), string, expecting("an object of values by their names")).optional(),
    kv: z.custom((value) => typeof value === "object" && value !== null, expecting("a store")).optional(),
    onLog: call.optional(),
    onAlert: call.optional(),
    onEvent: call.optional(),
  },
  "an object",
).superRefine(({ grants = {}, secrets = {} }, context) => {
  for (const [policy, grant] of Object.entries(grants)) {
    for (const [index, name] of (grant.secrets ?? []).entries()) {
      if (Object.hasOwn(secrets, name)) continue;
      const message = `expected one of \`secrets\` (${Object.keys(secrets).join(", ") || "none"}), got "${name}"`;
      const path = ["grants", policy, "secrets", index];
      context.addIssue({ code: "custom", path, message });
    }
  }
});

const loadSchema = only(
  {
    options: plain.optional(),
    policies: z
      .union([string, z.instanceof(URL)], expecting("the path or the file URL of a folder"))
      .optional(),
    contentType: string.optional(),
  },
  "an object such as { options: { … } }",
);

const connectionSchema = only(
  {
    request: only(
      {
        url: string.optional(),
        method: string.optional(),
        headers: plain.optional(),
        params: plain.optional(),
        client: only(
          {
            address: string.optional(),
            port: atLeast(0).optional(),
            tls: yesOrNo.optional(),
            certificate: z.unknown().optional(),
          },
          'an object such as { address: "203.0.113.9" }',
        ).optional(),
        route: string.optional(),
      },
      'an object such as { url: "/chat?token=…" }',
    ).optional(),
    attributes: plain.optional(),
    subprotocol: string.optional(),
    server: string.optional(),
    expires: z.number(expecting("milliseconds since 1970")).optional(),
  },
  "an object such as { attributes: { … } }",
);
