export type TrafficErrorCode =
  /** A batch is not what the format says; what came before the wrong place is good. */
  | "ERR_BATCH"
  /** The file of the `traffic` option cannot be used. */
  | "ERR_TRAFFIC_FILE"
  /** Records that are kept elsewhere cannot be had at the moment. */
  | "ERR_TRAFFIC_READ"
  /** A pattern of a filter takes too long on what is recorded. */
  | "ERR_TRAFFIC_PATTERN"
  /** What is to be kept with a record cannot be written at the moment. */
  | "ERR_TRAFFIC_WRITE"
  /** No further record can have a mark or a note. */
  | "ERR_TRAFFIC_NOTES"
  /** Records are not this gateway's alone. */
  | "ERR_TRAFFIC_SHARED";

export class TrafficError extends Error {
  override readonly name = "TrafficError";
  readonly code: TrafficErrorCode;

  constructor(code: TrafficErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
