import type { PushedMetricsConfig } from "../../config/index.ts";
import type { Logger } from "../../log.ts";
import { readVersion } from "../../version.ts";
import { loadPackage } from "../packages.ts";
import { type MetricFamily, toResourceMetrics } from "./metric-data.ts";
import { type OtlpSerializer, postOtlp } from "./otlp-post.ts";

/** Sends all numbers to a collector, again and again. What it does not take is in the next ones, for they only grow. */
export interface MetricPush {
  close(): void;
}

export interface MetricPushOptions {
  readonly logger: Logger;
  read(): Promise<readonly MetricFamily[]>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

type MetricsSerializer = OtlpSerializer<ReturnType<typeof toResourceMetrics>, object>;
type Transformer = Readonly<Record<"ProtobufMetricsSerializer" | "JsonMetricsSerializer", MetricsSerializer>>;

const TIMEOUT_MS = 10_000;

export function createMetricPush(
  config: PushedMetricsConfig,
  { logger, read, now = Date.now }: MetricPushOptions,
): MetricPush {
  const { format, service, everyMs } = config;
  const closed = new AbortController();
  const since = now();
  const version = readVersion();
  let isPushing = false;
  let isFailing = false;
  const timer = setInterval(push, everyMs).unref();

  return {
    close() {
      clearInterval(timer);
      closed.abort();
    },
  };

  async function push(): Promise<void> {
    if (isPushing) return;
    isPushing = true;
    try {
      await send();
      if (isFailing) logger.info("metrics are taken again");
      isFailing = false;
    } catch (error) {
      if (!isFailing && !closed.signal.aborted)
        logger.warn(`metrics are not taken by ${(error as Error).message}`);
      isFailing = true;
    } finally {
      isPushing = false;
    }
  }

  async function send(): Promise<void> {
    const transformer = await loadPackage<Transformer>("@opentelemetry/otlp-transformer");
    const { ProtobufMetricsSerializer, JsonMetricsSerializer } = transformer;
    const serializer = format === "json" ? JsonMetricsSerializer : ProtobufMetricsSerializer;
    const metrics = toResourceMetrics(await read(), { since, now: now() }, { service, version });
    const body = serializer.serializeRequest(metrics);
    const signal = AbortSignal.any([AbortSignal.timeout(Math.min(TIMEOUT_MS, everyMs)), closed.signal]);
    if (body !== undefined) await postOtlp(config, body, signal);
  }
}
