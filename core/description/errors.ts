export type DescriptionErrorCode =
  /** `@asyncapi/parser`, which is no part of Framegate, is not installed. */
  | "ERR_DESCRIPTION_PARSER"
  /** A document is none that can be read: each problem with its place. */
  | "ERR_DESCRIPTION_FORMAT"
  /** Which channel is meant, or who sends its messages, is not clear. */
  | "ERR_DESCRIPTION_CHANNEL"
  /** There are messages that cannot be checked, and nobody has said that they may pass. */
  | "ERR_DESCRIPTION_UNCHECKED";

export class DescriptionError extends Error {
  override readonly name = "DescriptionError";
  readonly code: DescriptionErrorCode;

  constructor(code: DescriptionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
