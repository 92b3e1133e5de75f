import type { MeterReading } from "../session/meters/route-meters.ts";
import { countedHistogram } from "./counted-histogram.ts";
import type { MetricsJson } from "./metrics-json.ts";

/** The histograms of messages, by route and origin. */
export function messageHistograms(readings: readonly MeterReading[]): MetricsJson {
  return [
    countedHistogram(
      "framegate_message_size_bytes",
      "Payload of messages received, as on the wire, by route and origin.",
      readings.map(({ route, origin, sizes }) => ({ labels: { route, origin }, ...sizes })),
    ),
    countedHistogram(
      "framegate_message_latency_seconds",
      "Time that messages were in the gateway, from read to written, by route and origin: those of every 16th read.",
      readings.map(({ route, origin, latencies }) => ({
        labels: { route, origin },
        sum: latencies.sum / 1e6,
        upTo: latencies.upTo.map(([us, count]) => [us / 1e6, count] as const),
      })),
    ),
  ];
}
