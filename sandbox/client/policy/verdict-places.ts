import type { PolicyBundle } from "../../contract.ts";
import { findWrittenKey, type WrittenKey } from "../../key-place.ts";
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

export function createVerdictPlaces(bundle: PolicyBundle, mapper: StackMapper): VerdictPlaces {
  const known = new Map<string, SourcePlace | undefined>();

  function look(part: string): SourcePlace | undefined {
    const { code } = bundle;
    const index = code.length > MAX_CODE ? undefined : findWrittenKey(code, keyOf(part));
    if (index === undefined) return undefined;
    const { line, column } = placeOf(code, index);
    return mapper.findPlace(`${scriptName(bundle.name)}:${line}:${column}`);
  }

  return {
    find(part) {
      if (!known.has(part) && known.size < MAX_PARTS) known.set(part, look(part));
      return known.get(part);
    },
  };
}

function keyOf(part: string): WrittenKey {
  const [key = "", around = ""] = part.split("[", 1)[0]!.split(".").toReversed();
  return { key, around };
}

/** Both from 1. */
function placeOf(code: string, index: number): Pick<SourcePlace, "line" | "column"> {
  let line = 1;
  let start = 0;
  for (let end = code.indexOf("\n"); end !== -1 && end < index; end = code.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { line, column: index - start + 1 };
}
