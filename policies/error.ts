export type PoliciesErrorCode =
  | "ERR_POLICY_BUNDLE" // a policy, or something it imports, does not compile
  | "ERR_POLICY_EXPORTS" // a policy exports nothing that the gateway uses
  | "ERR_POLICY_FOLDER" // the policy folder cannot be read, or holds two policies of one name
  | "ERR_POLICY_WATCH" // the operating system refuses to watch a file or folder
  | "ERR_POLICY_TYPES"; // the type-checker could not do its work

export interface PoliciesErrorDetails {
  /** The author's lines with a mark below the place, or "". */
  readonly frame?: string;
  /** Absolute paths of the files whose change may mend this. */
  readonly inputs?: readonly string[];
  readonly cause?: unknown;
}

export class PoliciesError extends Error {
  override readonly name = "PoliciesError";
  readonly code: PoliciesErrorCode;
  readonly frame: string;
  readonly inputs: readonly string[];

  constructor(code: PoliciesErrorCode, message: string, details: PoliciesErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.frame = details.frame ?? "";
    this.inputs = details.inputs ?? [];
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
