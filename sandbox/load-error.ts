import type { PolicyLimits } from "./contract/limits.ts";
import type { PolicyBundle } from "./contract.ts";
import { SandboxError } from "./errors.ts";
import type { SourcePlace, StackMapper } from "./source-map.ts";

interface Failure {
  readonly reason: "throw" | "exports" | "syntax" | "timeout" | "memory" | "killed" | "no-host";
  readonly message: string;
  readonly stack: string;
}

/** The error of a policy that could not be loaded, for its author. */
export function loadError(
  bundle: PolicyBundle,
  mapper: StackMapper,
  failure: Failure,
  limits: PolicyLimits,
): SandboxError {
  const place = mapper.findPlace(failure.stack) ?? mapper.findPlace(failure.message);
  const where = place ? `${place.file}:${place.line}` : bundle.file;
  const message = `Policy \`${bundle.name}\` could not be loaded: ${describe(failure, limits)} (${where}).`;
  return new SandboxError(failure.reason === "no-host" ? "ERR_HOST_START" : "ERR_POLICY_LOAD", message, {
    frame: place ? mapper.codeFrame(place) : "",
    stack: stackOf(message, failure, mapper, place),
  });
}

function describe({ reason, message }: Failure, limits: PolicyLimits): string {
  switch (reason) {
    case "throw":
      return `its top level threw ${withoutPlace(message)}`;
    case "syntax":
      return withoutPlace(message);
    case "exports":
      return message;
    case "timeout":
      return `its top level ran for more than ${limits.loadTimeoutMs} ms (\`sandbox.loadTimeout\`)`;
    case "memory":
      return `its top level used more than ${limits.memoryLimitMb} MiB (\`sandbox.memoryLimit\`)`;
    case "killed":
      return "its top level hung or crashed the sandbox's host process, which was killed";
    case "no-host":
      return `the sandbox's host process does not start: ${message}`;
  }
}

/** The engine appends `[script:line:column]` to what it cannot compile: lines of the bundle, not the author's. */
function withoutPlace(message: string): string {
  return message.replace(/ \[framegate-policy:[^\]]*\]$/, "");
}

function stackOf(
  message: string,
  failure: Failure,
  mapper: StackMapper,
  place: SourcePlace | undefined,
): string {
  const mapped = mapper.mapFrames(failure.stack);
  const frames =
    mapped.length === 0 && place ? [`    at ${place.file}:${place.line}:${place.column}`] : mapped;
  return [`SandboxError: ${message}`, ...frames].join("\n");
}
