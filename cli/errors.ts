export type CliErrorCode =
  | "ERR_CLI_USAGE" // options that do not fit together, or a value that is none; exit code 2
  | "ERR_CLI_PATH" // a folder or file named by the user is not there, or there already
  | "ERR_CLI_PROBLEMS" // `check`, `pack check` or `verify` found problems, or `update` could not bring all packs up to date, or `test` failures, or `replay` differences, or a hook of `run` has failed, and that has been printed
  | "ERR_CLI_CONSENT" // nobody agreed to what a pack asks for, or a command is about to do
  | "ERR_CLI_EMPTY" // there is nothing to record, or to replay
  | "ERR_CLI_UNANSWERED" // machines of the fleet did not answer, and that has been printed; exit code 3
  | "ERR_CLI_GATEWAY"; // the running gateway cannot be asked, or says no

export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
