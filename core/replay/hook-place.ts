import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { PolicyBundle } from "../../sandbox/contract.ts";

/** A place in the author's files. */
export interface HookPlace {
  readonly file: string;
  readonly line: number;
}

type WrittenBundle = Pick<PolicyBundle, "file" | "sourceMap">;

/** The same as `findHook`, for who asks often: a bundle is read once for each hook. */
export function createHookFinder(): typeof findHook {
  const known = new WeakMap<WrittenBundle, Map<HookName, HookPlace>>();
  return (bundle, hook) => {
    const places = known.get(bundle) ?? new Map<HookName, HookPlace>();
    known.set(bundle, places);
    const place = places.get(hook) ?? findHook(bundle, hook);
    places.set(hook, place);
    return place;
  };
}

/** Where a policy's hook is written: the line that exports it, in the file of the policy; else the first. */
export function findHook(bundle: WrittenBundle, hook: HookName): HookPlace {
  const lines = sourceOf(bundle).split("\n");
  const declared = new RegExp(`^\\s*export\\s+(?:async\\s+)?(?:function\\*?|const|let|var)\\s+${hook}\\b`);
  const listed = new RegExp(`^\\s*export\\s*(?:const\\s*)?\\{[^}]*\\b${hook}\\b`);
  const index = [declared, listed].map((form) => lines.findIndex((line) => form.test(line)));
  return { file: bundle.file, line: Math.max(1, (index.find((at) => at !== -1) ?? 0) + 1) };
}

function sourceOf({ file, sourceMap }: WrittenBundle): string {
  const { sources = [], sourcesContent = [] } = JSON.parse(sourceMap) as {
    readonly sources?: readonly string[];
    readonly sourcesContent?: readonly (string | null)[];
  };
  const at = sources.indexOf(file);
  return (at === -1 ? sourcesContent.at(-1) : sourcesContent[at]) ?? "";
}
