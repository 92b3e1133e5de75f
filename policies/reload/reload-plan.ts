import type { PolicySource } from "../folder.ts";
import { type Stamps, UNCERTAIN } from "./stamps.ts";

/** What the reloader remembers of a policy whose file is there. */
export interface KnownPolicy {
  readonly file: string;
  /** The files of its last build as they were then; undefined when it is to be built whatever they are. */
  readonly stamps: Stamps | undefined;
  /** It does not compile: a file that the build never came to read may mend it, so each change is worth a try. */
  readonly isBroken: boolean;
}

export interface ReloadPlan {
  readonly build: readonly PolicySource[];
  /** Names of policies whose file is gone. */
  readonly remove: readonly string[];
}

/** Compare what was built with what is there. */
export function planReload(
  known: ReadonlyMap<string, KnownPolicy>,
  present: readonly PolicySource[],
  stamps: Stamps,
): ReloadPlan {
  const names = new Set(present.map(({ name }) => name));
  return {
    build: present.filter((source) => isStale(known.get(source.name), source.file, stamps)),
    remove: [...known.keys()].filter((name) => !names.has(name)),
  };
}

function isStale(policy: KnownPolicy | undefined, file: string, stamps: Stamps): boolean {
  if (!policy?.stamps || policy.file !== file || policy.isBroken) return true;
  return hasChanged(policy.stamps, stamps);
}

/** Whether a file of `before` is, or may be, another one in `after`. */
export function hasChanged(before: Stamps, after: Stamps): boolean {
  return [...before].some(([file, stamp]) => after.get(file) !== stamp);
}

/** Whether a file of `before` is another one in `after` for sure. */
export function hasSurelyChanged(before: Stamps, after: Stamps): boolean {
  return [...before].some(([file, stamp]) => {
    const now = after.get(file);
    return now !== stamp && stamp !== UNCERTAIN && now !== UNCERTAIN;
  });
}
