/** An option that is a whole number, one or more. */
export const limitOf = (value: number, description: string) => ({
  type: "integer",
  minimum: 1,
  default: value,
  description,
});

/** Characters of a message: a hook is done with so many in a fraction of its time. */
export const MAX_SIZE = 262_144;
