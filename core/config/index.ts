export type { Admission, ConnectionLimits } from "./admission.ts";
export { findConfigFile, loadConfigFile, readConfigFile } from "./config-file.ts";
export { defineConfig } from "./define-config.ts";
export { ConfigError, type ConfigErrorCode, type ConfigProblem } from "./errors.ts";
export { type HeaderOptions, type HeaderRules, readNetworks } from "./header-rules.ts";
export type { ConfigInput, LogLevel, RouteInput } from "./input.ts";
export { buildJsonSchema } from "./json-schema.ts";
export {
  type ConfigBase,
  type GatewayConfig,
  type ListenAddress,
  type ListenerConfig,
  type PolicyUse,
  type RouteConfig,
  resolveConfig,
  resolveRoute,
} from "./resolve.ts";
export { type RouteMatch, routeKeys } from "./route-match.ts";
export type { RateAction, RateConfig, SessionConfig, SideLimits } from "./session-options.ts";
export { suggestName } from "./suggestion.ts";
export type { BalanceConfig, TargetConfig, TlsConfig, UpstreamConfig } from "./upstream-config.ts";
