import { HOOK_NAMES } from "../../wire/hooks.ts";
import { describe } from "./plain-json.ts";

/** Exports that are plain data, for the gateway to read. */
export const DATA_EXPORTS = ["route", "optionsSchema", "capabilities", "when"] as const;

const KNOWN: readonly string[] = [...HOOK_NAMES, ...DATA_EXPORTS];

/** By name; a policy's `default` export is the object in which a helper, such as a lens, has put several. */
export type GatheredExports =
  | { readonly found: Readonly<Record<string, unknown>> }
  | { readonly problem: string };

export function gatherExports(exports: unknown): GatheredExports {
  const named = isObject(exports) ? exports : {};
  const { default: together, ...found } = named;
  if (together === undefined) return { found };
  if (!isObject(together))
    return { problem: `expected the default export to be an object of hooks, got ${describe(together)}` };
  for (const [name, value] of Object.entries(together)) {
    if (!KNOWN.includes(name))
      return {
        problem: `has \`${name}\` in its default export, which may have ${KNOWN.map((known) => `\`${known}\``).join(", ")}`,
      };
    if (value === undefined) continue;
    if (found[name] !== undefined)
      return {
        problem: `exports \`${name}\` twice, by name and in its default export: let the one by name call the other`,
      };
    found[name] = value;
  }
  return { found };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
