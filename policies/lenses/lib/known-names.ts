/** Throws at a name that nobody reads: it would be a rule that nobody keeps. @param owner whose they are, for the message */
export function requireKnownNames<Given extends object>(
  owner: string,
  given: Given,
  known: readonly string[],
): Given {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return given;
  throw new TypeError(`${owner} has \`${unknown}\`: expected ${known.join(", ")}`);
}
