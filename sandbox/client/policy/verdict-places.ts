import type { PolicyBundle } from "../../contract.ts";
import { type SourcePlace, type StackMapper, scriptName } from "../../source-map.ts";

/**
 * Where the author has written a part of a verdict, such as `close.code`. A hook has returned when its verdict is looked at, and no
 * stack tells of it any more: the place is looked for in the code.
 */
export interface VerdictPlaces {
  /** Undefined where no place of the code, or more than one, may be it. */
  find(part: string): SourcePlace | undefined;
}

/** Of one version. What a policy gives names to is its own affair: those after it are not looked for. */
const MAX_PARTS = 32;
/** More of it is not looked through: it would hold up other traffic. */
const MAX_CODE = 2 * 1024 * 1024;
const MAX_FOUND = 64;
/** Of an object, behind the key. */
const MAX_REST = 4096;

export function createVerdictPlaces(bundle: PolicyBundle, mapper: StackMapper): VerdictPlaces {
  const known = new Map<string, SourcePlace | undefined>();

  function look(part: string): SourcePlace | undefined {
    const { code } = bundle;
    const index = code.length > MAX_CODE ? undefined : findPart(code, part);
    if (index === undefined) return undefined;
    const before = code.slice(0, index).split("\n");
    return mapper.findPlace(`${scriptName(bundle.name)}:${before.length}:${before.at(-1)!.length + 1}`);
  }

  return {
    find(part) {
      if (!known.has(part) && known.size < MAX_PARTS) known.set(part, look(part));
      return known.get(part);
    },
  };
}

/** @returns where the key stands in the code, if it stands in one place alone */
function findPart(code: string, part: string): number | undefined {
  const key = part.replace(/\[.*$/, "").split(".").at(-1)!;
  let only: number | undefined;
  let found = 0;
  for (const { index } of code.matchAll(keyPattern(key))) {
    if (++found > MAX_FOUND) return undefined;
    if (takesApart(code, index)) continue;
    if (only !== undefined) return undefined;
    only = index;
  }
  return only;
}

/** As a key of an object, in the way in which esbuild writes them. */
function keyPattern(key: string): RegExp {
  const name = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<=[{,]\\s*)(?:${name}|"${name}")(?=\\s*[:,}])`, "g");
}

/** Whether the key is part of a pattern: the parameter of a function, or on the left side of an assignment. */
function takesApart(code: string, key: number): boolean {
  const rest = code.slice(key, key + MAX_REST);
  const end = rest.indexOf("}");
  return end >= 0 && /^\}\s*(?:=(?![=>])|\)\s*(?:=>|\{))/.test(rest.slice(end));
}
