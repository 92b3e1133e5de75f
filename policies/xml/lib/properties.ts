/** An option that is a whole number, one or more. */
export const limitOf = (value: number, description: string) => ({
  type: "integer",
  minimum: 1,
  default: value,
  description,
});

/** What a message costs is its elements more than its length: a hook is done with so many in a part of its time. */
export const elementLimits = {
  elements: limitOf(4096, "Elements of a message."),
  attributes: limitOf(64, "Attributes of one element, with those that declare namespaces."),
} as const;

/** Characters of a message: with no more elements than that, a hook is done with so many in a part of its time. */
export const MAX_SIZE = 262_144;
