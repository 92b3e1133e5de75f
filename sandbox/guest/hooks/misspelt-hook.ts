/** An exported function that is no hook, and one slip of the fingers away from one: whoever meant it would run unchecked. */
export function findMisspeltHook(
  exports: Readonly<Record<string, unknown>>,
  hooks: readonly string[],
): { readonly name: string; readonly meant: string } | undefined {
  for (const name of Object.keys(exports)) {
    if (hooks.includes(name) || typeof exports[name] !== "function") continue;
    const meant = hooks.find((hook) => isOneSlip(name.toLowerCase(), hook));
    if (meant !== undefined) return { name, meant };
  }
  return undefined;
}

/** Of a shorter one too many words are one letter away: `pick` is no `tick`. */
const SHORTEST_MISTAKEN = 5;

/** At most one letter too many, too few or wrong, or two neighbours swapped. */
function isOneSlip(from: string, to: string): boolean {
  let start = 0;
  while (start < from.length && from[start] === to[start]) start++;
  const rest = (text: string, skip: number): string => text.slice(start + skip);
  return (
    from === to ||
    (to.length >= SHORTEST_MISTAKEN && rest(from, 1) === rest(to, 1)) ||
    rest(from, 1) === rest(to, 0) ||
    rest(from, 0) === rest(to, 1) ||
    (from[start] === to[start + 1] && from[start + 1] === to[start] && rest(from, 2) === rest(to, 2))
  );
}
