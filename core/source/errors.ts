export type SourceErrorCode =
  /** It cannot be asked, or does not answer as it should: it is tried again. */
  | "ERR_SOURCE_FETCH"
  /** What it gave is no version of policies: an archive with links, say, or one that is too large. */
  | "ERR_SOURCE_FORMAT"
  /** It is not signed, or not by a key that is believed, or not for this. */
  | "ERR_SOURCE_SIGNATURE"
  /** It is not the one that is locked, or older than the one that runs. */
  | "ERR_SOURCE_LOCK"
  /** The gateway would have trouble with it: a policy cannot be loaded, or a route has none. */
  | "ERR_SOURCE_CHECK"
  /** There is no process to check it in. */
  | "ERR_SOURCE_PROBE"
  /** Versions cannot be kept on disk. */
  | "ERR_SOURCE_STORE";

export class SourceError extends Error {
  readonly code: SourceErrorCode;
  /** The author's lines with a mark below the place, if there is one. */
  readonly frame: string | undefined;

  constructor(
    code: SourceErrorCode,
    message: string,
    { frame, ...options }: ErrorOptions & { readonly frame?: string | undefined } = {},
  ) {
    super(message, options);
    this.name = "SourceError";
    this.code = code;
    this.frame = frame;
  }
}

/** Whether it may be well the next time, with the very same version. */
export function isTemporary(error: unknown): boolean {
  return error instanceof SourceError && PASSING.includes(error.code);
}

const PASSING: readonly SourceErrorCode[] = ["ERR_SOURCE_FETCH", "ERR_SOURCE_PROBE", "ERR_SOURCE_STORE"];
