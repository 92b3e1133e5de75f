export type { AttachedConfigInput } from "./attach/attached-config.ts";
export {
  type AttachedGateway,
  type AttachedGatewayOptions,
  attachGateway,
  createAttachedGateway,
} from "./attach/attached-gateway.ts";
export {
  ConfigError,
  type ConfigInput,
  defineConfig,
  type GatewayConfig,
  loadConfigFile,
  type RouteInput,
  resolveConfig,
} from "./config/index.ts";
// With a star: what merges with a declaration of this module reaches the one behind it in no other way.
export type * from "./config/policy-options.ts";
export { GatewayError, type GatewayErrorCode } from "./errors.ts";
export { createGateway, type Gateway, type GatewayAddresses, type GatewayOptions } from "./gateway.ts";
export { createLogger, type Logger } from "./log.ts";
