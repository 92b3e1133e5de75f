/** `framegate/testing`: policies in the real sandbox, one call at a time. For any test runner. */

export type {
  CloseRequest,
  ConnectionOptions,
  PolicyConnection as TestConnection,
  RenewRequest,
} from "../runtime/connection.ts";
export { PolicyError } from "../runtime/policy-error.ts";
export type { UpgradeRequest } from "../runtime/request.ts";
export type {
  MessageResult,
  RenewResult,
  SentMessages,
  TickResult,
  UnavailableResult,
  UpgradeResult,
} from "../runtime/results.ts";
export type { CapabilityStubs } from "./capabilities.ts";
export type { ChainTestConnection } from "./chain/chain-connection.ts";
export type { ChainResult, ChainStep } from "./chain/chain-results.ts";
export {
  type ChainLoadOptions,
  type ChainLogLine,
  type ChainUse,
  loadChain,
  type TestChain,
} from "./chain/load-chain.ts";
export type { Clock } from "./clock.ts";
export type { FetchStub } from "./fetch-stub.ts";
export type { TestKv } from "./kv.ts";
export { type LoadOptions, loadPolicy, type TestPolicy } from "./load-policy.ts";
