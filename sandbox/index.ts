export type { DebuggerMessage, InspectedIsolate, Inspector } from "./client/inspector.ts";
export { createSandbox, type SandboxOptions } from "./client/sandbox.ts";
export { splitSandbox } from "./client/split-sandbox.ts";
export type { TestClock } from "./client/test-clock.ts";
export { defaultHostLimits, defaultPolicyLimits } from "./defaults.ts";
export { SandboxError, type SandboxErrorCode } from "./errors.ts";
