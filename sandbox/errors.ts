export type SandboxErrorCode =
  /** A policy could not be loaded: it threw, looped, ate its memory, or exports what it must not. */
  | "ERR_POLICY_LOAD"
  /** The sandbox's host process, which a policy was to be loaded in, did not start. */
  | "ERR_HOST_START"
  /** `sandbox.os` requires walls of the operating system that are not to be had. */
  | "ERR_OS_SANDBOX"
  /** The sandbox has been closed. */
  | "ERR_SANDBOX_CLOSED";

export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly code: SandboxErrorCode;
  /** The author's lines around the fault, with a caret; "" when there is no such place. */
  readonly frame: string;

  constructor(
    code: SandboxErrorCode,
    message: string,
    details: { cause?: unknown; frame?: string; stack?: string } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.frame = details.frame ?? "";
    if (details.stack !== undefined) this.stack = details.stack;
  }
}
