/** What is wrong with the text of a filter, and where. */
export class FilterError extends Error {
  override readonly name = "FilterError";
  readonly code = "ERR_FILTER";
  /** Index of the first character that is not as expected. */
  readonly at: number;
  readonly end: number;

  constructor({ at, end = at }: { readonly at: number; readonly end?: number }, message: string) {
    super(`at character ${at + 1}: ${message}`);
    this.at = at;
    this.end = end;
  }
}
