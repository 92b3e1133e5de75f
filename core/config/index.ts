export { parseDuration, parseRate, parseSize } from "./amounts.ts";
export { defineConfig } from "./define-config.ts";
export {
  type ConfigFileOptions,
  findConfigFile,
  loadConfigFile,
  readConfigDocument,
} from "./document/config-file.ts";
export { formatPath } from "./document/issues.ts";
export { readVersionConfig, VERSION_CONFIG } from "./document/version-config.ts";
export type { EffectiveValue } from "./effective/effective-config.ts";
export { wordOrigin, writeEffective } from "./effective/effective-yaml.ts";
export { explainConfig, type FlagValue } from "./effective/explain-config.ts";
export { isSecretPlace } from "./effective/shown-secrets.ts";
export { ConfigError, type ConfigErrorCode, type ConfigProblem, invalidConfig } from "./errors.ts";
export type { Address, FixedConfig, GatewayConfig, LiveConfig } from "./gateway-config.ts";
export type { ConfigInput, RouteInput } from "./generated/config-input.ts";
export { buildJsonSchema } from "./json-schema.ts";
export type { AcmeConfig } from "./options/acme.ts";
export type { AlertEvent, AlertSinkConfig } from "./options/alerts.ts";
export type { CapabilitiesConfig } from "./options/capabilities.ts";
export { findGrantProblems, resolveGrant } from "./options/capabilities.ts";
export type { ClusterConfig } from "./options/cluster/cluster.ts";
export {
  type ConsoleConfig,
  explainClosedConsole,
  isLoopback,
  SHORTEST_TOKEN,
  type TokenSource,
} from "./options/console.ts";
export type { DrainConfig, Goodbye, WorkerDrain } from "./options/drain.ts";
export type { Isolation } from "./options/isolation.ts";
export type { ListenerConfig } from "./options/listener.ts";
export type { LogLevel } from "./options/log-level.ts";
export type { MirrorConfig } from "./options/mirror.ts";
export { SAFE_ORIGINS } from "./options/origins.ts";
export type { RedactConfig } from "./options/redact.ts";
export {
  type MachineShare,
  type RolloutBounds,
  type RolloutConfig,
  type RolloutKey,
  readShare,
  type ShareBound,
} from "./options/rollout.ts";
export type { Admission, ConnectionLimits } from "./options/route/admission.ts";
export type { CompressionConfig, DeflateLimits, DeflateParameters } from "./options/route/compression.ts";
export type { HeaderOptions, HeaderRules } from "./options/route/header-rules.ts";
export type { Observation, PayloadPoint, RecordingConfig } from "./options/route/observation.ts";
export type { PolicyUse } from "./options/route/policy-chain.ts";
export type { RouteConfig } from "./options/route/route.ts";
export { claimantsByKey, type RouteMatch, routeKeys } from "./options/route/route-match.ts";
export type { RateAction, RateConfig, SessionConfig, SideLimits } from "./options/route/session.ts";
export type { UpgradeRateConfig } from "./options/route/upgrade-rate.ts";
export type { SecretSource } from "./options/secret-source.ts";
export type { ShadowConfig } from "./options/shadow.ts";
export { problemOfSigningKey, readSigningKey } from "./options/signing-key.ts";
export type { ClickhouseTarget } from "./options/sink/clickhouse.ts";
export type { FilesTarget } from "./options/sink/files.ts";
export type { KafkaTarget } from "./options/sink/kafka.ts";
export type { OtlpTarget } from "./options/sink/otlp.ts";
export type { PostgresTarget } from "./options/sink/postgres.ts";
export type { SinkConfig, SinkTarget } from "./options/sink/sinks.ts";
export { ACTIVE_LINK, type SourceConfig, type SourceOrigin } from "./options/source.ts";
export type { PushedMetricsConfig, TracesConfig } from "./options/telemetry.ts";
export type { CertificateConfig, TlsConfig } from "./options/tls.ts";
export type { TrafficConfig } from "./options/traffic.ts";
export type { BalanceConfig, TargetConfig, UpstreamConfig } from "./options/upstream/upstream-config.ts";
export type { UpstreamTlsConfig } from "./options/upstream/upstream-tls.ts";
export { findRestartChanges, takeLive, takeVersion } from "./reload.ts";
export {
  type ConfigBase,
  resolveConfig,
  resolveRoute,
} from "./resolve.ts";
export { readSecret } from "./values/read-secret.ts";
export { applySettings } from "./values/settings.ts";
export { type VersionInput, versionPartOf } from "./version-options.ts";
