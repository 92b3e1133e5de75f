export type ConfigErrorCode =
  | "ERR_CONFIG_INVALID" // the config's shape or values are wrong; `problems` has each of them
  | "ERR_CONFIG_NOT_FOUND" // no config file where one was looked for
  | "ERR_CONFIG_AMBIGUOUS" // a folder holds more than one config file
  | "ERR_CONFIG_UNREADABLE"; // a config file is not valid TypeScript, JSON or YAML, or it threw

export interface ConfigProblem {
  /** `routes[0].policies[1].use`; "" for the config as a whole. */
  readonly path: string;
  /** What was expected and what was got. */
  readonly message: string;
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  readonly problems: readonly ConfigProblem[];
  /** The command line's `--set` is at fault, not the file. */
  readonly isOfSettings: boolean;

  constructor(
    code: ConfigErrorCode,
    message: string,
    details: {
      readonly problems?: readonly ConfigProblem[];
      readonly isOfSettings?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.problems = details.problems ?? [];
    this.isOfSettings = details.isOfSettings ?? false;
  }
}

/** What is said of settings, instead of the name of a file. */
export const SETTINGS_ORIGIN = "--set";

/** The error that lists every problem of one config, or of one policy's route. */
export function invalidConfig(origin: string, problems: readonly ConfigProblem[]): ConfigError {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const lines = problems.map(({ path, message }) => (path === "" ? `  ${message}` : `  ${path}: ${message}`));
  return new ConfigError("ERR_CONFIG_INVALID", `${origin} has ${count}:\n${lines.join("\n")}`, {
    problems,
    isOfSettings: origin === SETTINGS_ORIGIN,
  });
}
