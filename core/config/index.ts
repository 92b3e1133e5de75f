export { findConfigFile, loadConfigFile, readConfigFile } from "./config-file.ts";
export { defineConfig } from "./define-config.ts";
export type { DrainConfig } from "./drain.ts";
export { ConfigError, type ConfigErrorCode, type ConfigProblem } from "./errors.ts";
export type { ConfigInput, LogLevel, RouteInput } from "./input.ts";
export { buildJsonSchema } from "./json-schema.ts";
export type { CertificateInput, ListenerConfig, TlsConfig } from "./listener.ts";
export {
  type Address,
  type ConfigBase,
  type GatewayConfig,
  type PolicyUse,
  type RouteConfig,
  resolveConfig,
  resolveRoute,
} from "./resolve.ts";
export { suggestName } from "./suggestion.ts";
