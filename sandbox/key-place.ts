const MAX_FOUND = 64;
/** Of an object, behind the key. */
const MAX_REST = 4096;

/** @returns where in the code an object has this key, if it stands in one place alone */
export function findWrittenKey(code: string, key: string): number | undefined {
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
