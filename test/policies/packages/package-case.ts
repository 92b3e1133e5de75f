/** A package as policies use it: what is called, and what that gives as JSON. */
export interface PackageCase {
  /** npm's. */
  readonly name: string;
  readonly use: string;
  /** The `import` lines of the policy. */
  readonly imports: string;
  /** An expression that throws gives its error's text. */
  readonly calls: readonly (readonly [expression: string, value: unknown])[];
  /** What else a user has to know. */
  readonly note?: string;
  /** What does not work: the table says so, and what to do. */
  readonly limit?: string;
  /** Files beside the policy: what a step of the author's own build has made. */
  readonly files?: () => Readonly<Record<string, string>>;
}

/** What a package gets that makes code from strings. */
export const DENIED =
  "TypeError: A policy cannot make code from strings: eval and Function are not available.";
