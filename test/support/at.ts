/** What stands there in a list; throws where nothing does. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list.at(index);
  if (found === undefined) throw new Error(`expected something at ${index} of a list of ${list.length}`);
  return found;
}
