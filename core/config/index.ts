export type { Admission, ConnectionLimits } from "./admission.ts";
export type { CapabilitiesConfig, SecretSource } from "./capabilities.ts";
export { resolveGrant } from "./capabilities.ts";
export type { CompressionConfig, DeflateLimits, DeflateParameters } from "./compression.ts";
export { findConfigFile, loadConfigFile, readConfigFile } from "./config-file.ts";
export { type ConsoleConfig, isLoopback, shortestToken, type TokenSource } from "./console.ts";
export { defineConfig } from "./define-config.ts";
export type { DrainConfig } from "./drain.ts";
export { ConfigError, type ConfigErrorCode, type ConfigProblem, invalidConfig } from "./errors.ts";
export { type HeaderOptions, type HeaderRules, readNetworks } from "./header-rules.ts";
export type { ConfigInput, RouteInput } from "./input.ts";
export { buildJsonSchema } from "./json-schema.ts";
export type { CertificateInput, ListenerConfig, TlsConfig } from "./listener.ts";
export type { LogLevel } from "./log-level.ts";
export type { Observation, PayloadPoint } from "./observation.ts";
export type { RedactConfig } from "./redact.ts";
export {
  type Address,
  type ConfigBase,
  type GatewayConfig,
  type PolicyUse,
  type RouteConfig,
  resolveConfig,
  resolveRoute,
} from "./resolve.ts";
export { type RouteMatch, routeKeys } from "./route-match.ts";
export type { RateAction, RateConfig, SessionConfig, SideLimits } from "./session-options.ts";
export type { TracesConfig } from "./telemetry.ts";
export type { TrafficConfig } from "./traffic.ts";
export type { BalanceConfig, TargetConfig, UpstreamConfig, UpstreamTlsConfig } from "./upstream-config.ts";
