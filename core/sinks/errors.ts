export type SinkErrorCode =
  /** The sink cannot be had, or does not take what it is given: it is tried again. */
  | "ERR_SINK"
  /** It has read the batch and will never take it: it is not tried again. */
  | "ERR_SINK_REFUSED"
  /** A package that is the user's to install is not there. */
  | "ERR_SINK_PACKAGE";

export class SinkError extends Error {
  override readonly name = "SinkError";
  readonly code: SinkErrorCode;

  constructor(code: SinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
