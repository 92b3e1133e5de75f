export type PoliciesErrorCode =
  | "ERR_POLICY_BUNDLE" // a policy, or something it imports, does not compile
  | "ERR_POLICY_EXPORTS" // a policy exports nothing that the gateway uses
  | "ERR_POLICY_OPTIONS" // options are not what a policy's `optionsSchema` says
  | "ERR_POLICY_FOLDER" // the policy folder cannot be read, or holds two policies of one name
  | "ERR_POLICY_WATCH" // the operating system refuses to watch a file or folder
  | "ERR_POLICY_TYPES" // the type-checker could not do its work
  | "ERR_PACK_FETCH" // a pack could not be fetched, or is not what its name says
  | "ERR_PACK_ARCHIVE" // a .tgz is broken, too large, or holds what a pack must not hold
  | "ERR_PACK_FORMAT" // a package is no pack, or its manifest is none
  | "ERR_PACK_TAMPERED" // a file of a pack is not the one that its manifest names
  | "ERR_PACK_SIGNATURE" // a signature is wrong, or that of a key that is not trusted, or missing
  | "ERR_PACK_API" // a pack is made for another version of the policy API
  | "ERR_PACK_LOCK" // a pack is not what policies.lock.json names, or the lock cannot be read
  | "ERR_PACK_WRITE" // a pack could not be written to the disk: all is as it was
  | "ERR_PACK_VERSION" // a pack is older than what is installed, or of the same version with other content
  | "ERR_PACK_CAPABILITY"; // a policy of a pack asks for what it was not granted, or for what no gateway can grant

export interface PoliciesErrorDetails {
  /** The author's lines with a mark below the place, or "". */
  readonly frame?: string;
  /** Absolute paths of the files whose change may mend this. */
  readonly inputs?: readonly string[];
  /** Each place that it names, as `file:line:column`. */
  readonly places?: readonly string[];
  readonly cause?: unknown;
}

export class PoliciesError extends Error {
  override readonly name = "PoliciesError";
  readonly code: PoliciesErrorCode;
  readonly frame: string;
  readonly inputs: readonly string[];
  readonly places: readonly string[];

  constructor(code: PoliciesErrorCode, message: string, details: PoliciesErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.frame = details.frame ?? "";
    this.inputs = details.inputs ?? [];
    this.places = details.places ?? [];
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
