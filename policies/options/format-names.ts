/** Formats that strings in an `optionsSchema` may have; here by their names alone, for what reads them is large. */
export const FORMAT_NAMES = ["re2", "json-path", "xml-path"] as const;

/** Each throws, with what is wrong, at a text that is none of it. */
export type Formats = Readonly<Record<(typeof FORMAT_NAMES)[number], (text: string) => unknown>>;
