import type { LoadResult } from "../../wire/guest-entry.ts";
import { HOOK_NAMES } from "../../wire/hooks.ts";
import { findMisspeltHook } from "./misspelt-hook.ts";
import { describe, plainJson } from "./plain-json.ts";

/** Exports that are plain data, for the gateway to read. */
const DATA_EXPORTS = ["route", "optionsSchema", "capabilities"] as const;

/** What a policy exports, checked. */
export function readExports(exports: unknown): LoadResult {
  const found = (typeof exports === "object" && exports !== null ? exports : {}) as Record<string, unknown>;
  const hooks: string[] = [];
  for (const name of HOOK_NAMES) {
    const hook = found[name];
    if (hook === undefined) continue;
    if (typeof hook !== "function") {
      const message = `expected the export \`${name}\` to be a function, got ${describe(hook)}`;
      return { ok: false, failure: { reason: "exports", message, stack: "" } };
    }
    hooks.push(name);
  }
  const misspelt = findMisspeltHook(found, HOOK_NAMES);
  if (misspelt !== undefined) {
    const message = `exports \`${misspelt.name}\`, which is no hook; did you mean \`${misspelt.meant}\`? A helper needs another name, or no export`;
    return { ok: false, failure: { reason: "exports", message, stack: "" } };
  }
  const data: Record<string, unknown> = {};
  try {
    for (const name of DATA_EXPORTS) {
      if (found[name] !== undefined) data[name] = JSON.parse(plainJson(found[name], name));
    }
  } catch (error) {
    return { ok: false, failure: { reason: "exports", message: (error as Error).message, stack: "" } };
  }
  return { ok: true, hooks, ...data };
}
