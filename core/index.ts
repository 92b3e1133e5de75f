export {
  ConfigError,
  type ConfigInput,
  defineConfig,
  type GatewayConfig,
  loadConfigFile,
  type RouteInput,
  resolveConfig,
} from "./config/index.ts";
export { GatewayError, type GatewayErrorCode } from "./errors.ts";
export { createGateway, type Gateway, type GatewayAddresses, type GatewayOptions } from "./gateway.ts";
export { createLogger, type Logger } from "./log.ts";
