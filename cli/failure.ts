import { CommanderError } from "commander";
import { showForCi } from "../policies/shown-text.ts";
import { CliError } from "./errors.ts";

export interface Failure {
  readonly exitCode: number;
  /** For stderr; "" when everything has been said. */
  readonly text: string;
}

/** Errors worded for the user. Those of Node, and of packages, are bugs of ours when they come this far. */
const OURS = new Set([
  "CliError",
  "ConfigError",
  "DescriptionError",
  "GatewayError",
  "PoliciesError",
  "RecordingError",
  "SandboxError",
  "SourceError",
  "TrafficError",
]);

/** What a command's end with an error means for the one at the keyboard: 1 for a problem to fix, 2 for bad usage, 3 for a part of the fleet that was not heard. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, text: "" };
  if (error instanceof CliError && error.code === "ERR_CLI_USAGE") {
    return { exitCode: 2, text: `framegate: ${error.message} See \`framegate --help\`.` };
  }
  if (error instanceof CliError && error.code === "ERR_CLI_PROBLEMS") return { exitCode: 1, text: "" };
  if (error instanceof CliError && error.code === "ERR_CLI_UNANSWERED") return { exitCode: 3, text: "" };
  if (!(error instanceof Error)) return { exitCode: 1, text: `framegate: ${String(error)}` };
  return { exitCode: 1, text: describeError(error) };
}

function describeError(
  error: Error & { readonly code?: unknown; readonly address?: string; readonly port?: number },
) {
  const where = `port ${error.port} of ${error.address}`;
  if (error.code === "EADDRINUSE") {
    return `framegate: ${where} is in use. Stop what listens there, or choose another with --port or --console-port.`;
  }
  if (error.code === "EACCES" && error.port !== undefined) {
    return `framegate: ${where} is not ours to listen on. Choose one above 1023 with --port.`;
  }
  if (OURS.has(error.name) || "syscall" in error) return `framegate: ${showForCi(error.message)}`;
  return `framegate: unexpected error, please report it\n${error.stack}`;
}
