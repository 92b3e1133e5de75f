import type { HookName } from "../../contract.ts";
import type { HOOK_NUMBER } from "../../wire/hooks.ts";

/** A hook's position on the wire. */
export type HookIndex = (typeof HOOK_NUMBER)[HookName];

/** One of something for each hook, at the hook's position. */
export type ByHook<Value> = readonly [upgrade: Value, client: Value, server: Value, close: Value];

export function eachHook<Value>(make: () => Value): ByHook<Value> {
  return [make(), make(), make(), make()];
}
