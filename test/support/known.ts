/** What is not yet as `test/architecture.test.ts` wants it: these lists may only shrink. */
export const KNOWN_ARROWS: readonly (readonly [string, string])[] = [
  ["core/errors.ts", "core/listen"],
  ["core/engine", "core/cluster"],
  ["core/request", "core/upgrade"],
  ["core/http", "core/upgrade"],
  ["core/routes", "core/upgrade"],
];

export const KNOWN_CIRCLES: readonly string[] = [];

export const KNOWN_DOUBLE_NAMES: readonly string[] = [
  "HeaderSet",
  "LoadedPolicy",
  "Place",
  "describeRequest",
  "openConnection",
];

export const KNOWN_LONG_CALLS: readonly string[] = [
  "message",
  "dialTarget",
  "applyMask",
  "ask",
  "check",
  "(no name)",
];

/** Where constants are renamed later. */
export const LATER: readonly string[] = [
  "core/cluster",
  "core/config",
  "core/http",
  "core/metrics",
  "core/net",
  "core/redaction",
  "core/request",
  "core/routes",
  "core/session",
  "core/traffic",
  "core/upgrade",
  "core/upstream",
  "core/wire",
  "core/gateway.ts",
  "core/engine",
  "core/secrets.ts",
  "core/pack-grants.ts",
  "core/connection-policies.ts",
  "bench",
];
