/** `framegate/testing`: policies in the real sandbox, one call at a time. For any test runner. */
export type { CapabilityStubs } from "./capabilities.ts";
export type { Clock } from "./clock.ts";
export type { CloseRequest, ConnectionOptions, RenewRequest, TestConnection } from "./connection.ts";
export type { FetchStub } from "./fetch-stub.ts";
export type { TestKv } from "./kv.ts";
export { type LoadOptions, loadPolicy, type TestPolicy } from "./load-policy.ts";
export { PolicyError } from "./policy-error.ts";
export type { UpgradeRequest } from "./request.ts";
export type { MessageResult, RenewResult, TickResult, UnavailableResult, UpgradeResult } from "./results.ts";
