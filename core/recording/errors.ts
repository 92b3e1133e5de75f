export type RecordingErrorCode =
  /** A file is no recording, or a line of it is not what the format says. */
  | "ERR_RECORDING_FORMAT"
  /** A recording of a version that this Framegate does not know. */
  | "ERR_RECORDING_VERSION"
  /** A file holds more than is read of one beside traffic. */
  | "ERR_RECORDING_SIZE";

export class RecordingError extends Error {
  override readonly name = "RecordingError";
  readonly code: RecordingErrorCode;

  constructor(code: RecordingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
