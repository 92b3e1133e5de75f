export type AcmeErrorCode =
  /** The authority cannot be reached, or what answers is none. */
  | "ERR_ACME_UNREACHABLE"
  /** It refuses what it was asked for. */
  | "ERR_ACME_REFUSED"
  /** It does not come to an end with it. */
  | "ERR_ACME_UNFINISHED";

export class AcmeError extends Error {
  readonly code: AcmeErrorCode;

  constructor(code: AcmeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AcmeError";
    this.code = code;
  }
}
