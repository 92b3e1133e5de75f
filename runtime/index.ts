/** `framegate/runtime`: policies in their sandbox without a gateway, for programs that move the messages themselves. */
export type { Grants } from "../sandbox/index.ts";
export type {
  CloseRequest,
  ConnectionOptions,
  PolicyConnection,
  RenewRequest,
} from "./connection.ts";
export { PolicyError } from "./policy-error.ts";
export { createRuntime, type PolicyRuntime, type RuntimeOptions } from "./policy-runtime.ts";
export type { UpgradeRequest } from "./request.ts";
export type {
  MessageResult,
  RenewResult,
  SentMessages,
  TickResult,
  UnavailableResult,
  UpgradeResult,
} from "./results.ts";
export type { PolicyLoadOptions, RunningPolicy } from "./running-policy.ts";
