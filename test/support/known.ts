/** What is not yet as `test/architecture.test.ts` wants it: these lists may only shrink. */
export const KNOWN_ARROWS: readonly (readonly [string, string])[] = [
  ["core/errors.ts", "core/listen"],
  ["core/request", "core/upgrade"],
  ["core/http", "core/upgrade"],
  ["core/routes", "core/upgrade"],
];

export const KNOWN_CIRCLES: readonly string[] = [];

export const KNOWN_DOUBLE_NAMES: readonly string[] = ["HeaderSet", "LoadedPolicy", "Place"];

export const KNOWN_LONG_CALLS: readonly string[] = ["message", "applyMask", "ask", "check", "(no name)"];
