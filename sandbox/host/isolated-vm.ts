import { createRequire } from "node:module";
import type IsolatedVM from "isolated-vm";

export type {
  CachedDataResult,
  Callback,
  Context,
  InspectorSession,
  Isolate,
  Reference,
  Script,
} from "isolated-vm";
export type Addon = typeof IsolatedVM;

/** @param path Of the prebuilt addon: the package's own search for it needs rights that this process does not have. */
export function loadAddon(path: string): Addon {
  return createRequire(import.meta.url)(path).ivm;
}
