import { type LoadResult, MAX_EXPORT_LENGTH } from "../../wire/guest-entry.ts";
import { HOOK_NAMES } from "../../wire/hooks.ts";
import { checkWhen } from "../../wire/when.ts";
import { describeRefusal } from "./faults.ts";
import { findMisspeltHook } from "./misspelt-hook.ts";
import { describe, plainJson } from "./plain-json.ts";

/** Exports that are plain data, for the gateway to read. */
const DATA_EXPORTS = ["route", "optionsSchema", "capabilities", "when"] as const;

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
      const value = found[name];
      if (value !== undefined) data[name] = JSON.parse(checkLength(plainJson(value, name), name));
    }
  } catch (error) {
    // A getter of the policy's may have thrown it: anything at all.
    return { ok: false, failure: { reason: "exports", message: describeRefusal(error), stack: "" } };
  }
  const problem = data.when === undefined ? undefined : checkWhen(data.when, hooks);
  if (problem !== undefined)
    return { ok: false, failure: { reason: "exports", message: problem, stack: "" } };
  return { ok: true, hooks, ...data };
}

function checkLength(json: string, name: string): string {
  if (json.length <= MAX_EXPORT_LENGTH) return json;
  throw new Error(
    `expected the export \`${name}\` to be at most ${MAX_EXPORT_LENGTH} characters of JSON, got ${json.length}`,
  );
}
