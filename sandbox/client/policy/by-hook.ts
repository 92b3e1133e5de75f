import type { HookName } from "../../contract/hooks.ts";
import type { HOOK_NUMBER } from "../../wire/hooks.ts";

/** A hook's position on the wire. */
export type HookIndex = (typeof HOOK_NUMBER)[HookName];

/** One of something for each hook, at the hook's position. */
export type ByHook<Value> = readonly [
  upgrade: Value,
  unavailable: Value,
  client: Value,
  server: Value,
  tick: Value,
  renew: Value,
  close: Value,
];

export function eachHook<Value>(make: () => Value): ByHook<Value> {
  return [make(), make(), make(), make(), make(), make(), make()];
}

/** @param none of all other hooks */
export function byMessageHook<Value>(client: Value, server: Value, none: Value): ByHook<Value> {
  return [none, none, client, server, none, none, none];
}
