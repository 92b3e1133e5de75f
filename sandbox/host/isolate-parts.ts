import type { Addon, CachedDataResult, Isolate, Script } from "./isolated-vm.ts";

/** What isolates are made of: the addon, and the guest's code. */
export interface IsolateParts {
  readonly ivm: Addon;
  compileGuest(isolate: Isolate): Script;
}

/** The guest is compiled for the first isolate; those after it get what came of that, in a fraction of the time. */
export function createIsolateParts(ivm: Addon, guest: string): IsolateParts {
  const filename = "framegate:guest";
  let compiled: CachedDataResult["cachedData"];
  return {
    ivm,
    compileGuest(isolate) {
      if (compiled !== undefined) return isolate.compileScriptSync(guest, { filename, cachedData: compiled });
      const script: Script & CachedDataResult = isolate.compileScriptSync(guest, {
        filename,
        produceCachedData: true,
      });
      compiled = script.cachedData;
      return script;
    },
  };
}
