import type { AlertSinkConfig } from "./options/alerts.ts";
import type { CapabilitiesConfig, KvConfig } from "./options/capabilities.ts";
import type { ClusterConfig } from "./options/cluster/cluster.ts";
import type { ConsoleConfig } from "./options/console.ts";
import type { DrainConfig } from "./options/drain.ts";
import type { ListenerConfig } from "./options/listener.ts";
import type { LogLevel } from "./options/log-level.ts";
import type { MirrorConfig } from "./options/mirror.ts";
import type { OriginProfiles } from "./options/origins.ts";
import type { PacksConfig } from "./options/packs.ts";
import type { RedactConfig } from "./options/redact.ts";
import type { RolloutConfig } from "./options/rollout.ts";
import type { CorsProfiles } from "./options/route/cors.ts";
import type { RouteConfig } from "./options/route/route.ts";
import type { UpgradeRateConfig } from "./options/route/upgrade-rate.ts";
import type { SandboxConfig } from "./options/sandbox.ts";
import type { SinkConfig } from "./options/sink/sinks.ts";
import type { SourceConfig } from "./options/source.ts";
import type { PushedMetricsConfig, TracesConfig } from "./options/telemetry.ts";
import type { TrafficConfig } from "./options/traffic.ts";
import type { UpstreamConfig } from "./options/upstream/upstream-config.ts";

/** A config with all defaults filled in: plain JSON, so it can be sent to a worker. Times of 0 mean unlimited. */
export interface GatewayConfig extends LiveConfig, FixedConfig {}

/** What a running gateway takes from a new config at once. */
export interface LiveConfig {
  /** But for what is fixed of a listener that stays. */
  readonly listen: readonly ListenerConfig[];
  readonly drain: DrainConfig;
  /** What policies may do. Holds no secret's value. */
  readonly capabilities: CapabilitiesConfig;
  readonly alerts: readonly AlertSinkConfig[];
  readonly corsProfiles: CorsProfiles;
  readonly originProfiles: OriginProfiles;
  readonly routes: readonly RouteConfig[];
  /** The named ones. */
  readonly upstreams: readonly UpstreamConfig[];
  /** For routes that policies bring and that do not say it themselves. */
  readonly connectAllow: readonly string[];
  /** The same; false: new versions of policies are for all sessions at once. */
  readonly rollout: RolloutConfig | false;
  /** Of routes that do not say it; false: nobody gets copies. */
  readonly mirror: MirrorConfig | false;
  readonly log: { readonly level: LogLevel };
  /** Of routes that do not say it. */
  readonly upgradeRate: UpgradeRateConfig | false;
  readonly traffic: TrafficConfig;
  readonly sinks: readonly SinkConfig[];
  readonly redact: RedactConfig;
  /** What was read of texts that stand elsewhere, by their places, so that it is hidden wherever it turns up. */
  readonly secretTexts: Readonly<Record<string, string>>;
  /** Addresses and networks; absent: forwarded headers are believed of nobody and added to. */
  readonly trustedProxies?: readonly string[];
}

/** What takes effect at the next start: a reload names a change of it. */
export interface FixedConfig {
  /** Absolute path of the config file, if there is one. */
  readonly file?: string;
  readonly console: ConsoleConfig | false;
  /** 0: sessions run inside the calling process. */
  readonly workers: number;
  /** 0: never. */
  readonly workerSilenceMs: number;
  /** Over all workers; 0: as many as descriptors allow. */
  readonly maxConnections: number;
  /** Absolute. With a source in the version that runs. */
  readonly policiesDir: string;
  /** Absent: the folder is this machine's. */
  readonly source?: SourceConfig;
  readonly packs: PacksConfig;
  readonly sandbox: SandboxConfig;
  /** undefined: as the command has it. */
  readonly watchConfig?: boolean;
  /** Absent: none. */
  readonly traces?: TracesConfig;
  /** Absent: nobody is sent any. */
  readonly metrics?: PushedMetricsConfig;
  readonly kv: KvConfig;
  /** Absent: it is by itself. */
  readonly cluster?: ClusterConfig;
  /** Stands in for the upstream of every route, those that policies bring included. */
  readonly upstreamOverride?: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}
