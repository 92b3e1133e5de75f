import { type LoadResult, MAX_EXPORT_LENGTH } from "../../wire/guest-entry.ts";
import { HOOK_NAMES } from "../../wire/hooks.ts";
import { checkWhen } from "../../wire/when.ts";
import { describeRefusal } from "./faults.ts";
import { DATA_EXPORTS, type GatheredExports } from "./gathered-exports.ts";
import { findMisspeltHook } from "./misspelt-hook.ts";
import { describe, plainJson } from "./plain-json.ts";

/** What a policy exports, checked. */
export function readExports(exports: GatheredExports): LoadResult {
  if ("problem" in exports) return refuse(exports.problem);
  const { found } = exports;
  const hooks: string[] = [];
  for (const name of HOOK_NAMES) {
    const hook = found[name];
    if (hook === undefined) continue;
    if (typeof hook !== "function") {
      return refuse(`expected the export \`${name}\` to be a function, got ${describe(hook)}`);
    }
    hooks.push(name);
  }
  const misspelt = findMisspeltHook(found, HOOK_NAMES);
  if (misspelt !== undefined) {
    return refuse(
      `exports \`${misspelt.name}\`, which is no hook; did you mean \`${misspelt.meant}\`? A helper needs another name, or no export`,
    );
  }
  const data: Record<string, unknown> = {};
  try {
    for (const name of DATA_EXPORTS) {
      const value = found[name];
      if (value !== undefined) data[name] = JSON.parse(checkLength(plainJson(value, name), name));
    }
  } catch (error) {
    // A getter of the policy's may have thrown it: anything at all.
    return refuse(describeRefusal(error));
  }
  const problem = data.when === undefined ? undefined : checkWhen(data.when, hooks);
  return problem === undefined ? { ok: true, hooks, ...data } : refuse(problem);
}

function refuse(message: string): LoadResult {
  return { ok: false, failure: { reason: "exports", message, stack: "" } };
}

function checkLength(json: string, name: string): string {
  if (json.length <= MAX_EXPORT_LENGTH) return json;
  throw new Error(
    `expected the export \`${name}\` to be at most ${MAX_EXPORT_LENGTH} characters of JSON, got ${json.length}`,
  );
}
