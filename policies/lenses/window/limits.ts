interface Limit {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

type LimitName = "maxMessages" | "maxBytes" | "maxMilliseconds";
export type Limits = Readonly<Record<LimitName, Limit>>;
export type ChosenLimits = Readonly<Record<LimitName, number>>;

/** @param owner what is given them, for the message */
export function readLimits(owner: string, given: Partial<ChosenLimits>, limits: Limits): ChosenLimits {
  const read = (name: LimitName): number => {
    const { usual, least, most } = limits[name];
    const value = given[name] ?? usual;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new RangeError(
      `${owner}: expected \`${name}\` to be a whole number from ${least} to ${most}, got ${value}`,
    );
  };
  return {
    maxMessages: read("maxMessages"),
    maxBytes: read("maxBytes"),
    maxMilliseconds: read("maxMilliseconds"),
  };
}
