export type SinkErrorCode =
  /** The sink cannot be had, or does not take what it is given: it is tried again. */
  | "ERR_SINK"
  /** It has read the batch and will never take it, or some of it: it is not tried again. */
  | "ERR_SINK_REFUSED"
  /** A package that is the user's to install is not there. */
  | "ERR_SINK_PACKAGE";

export class SinkError extends Error {
  override readonly name = "SinkError";
  readonly code: SinkErrorCode;
  /** With `ERR_SINK_REFUSED`: how many of the batch are refused, the others taken; absent: all of it. */
  readonly refused: number | undefined;

  constructor(code: SinkErrorCode, message: string, options?: ErrorOptions & { readonly refused?: number }) {
    super(message, options);
    this.code = code;
    this.refused = options?.refused;
  }
}
